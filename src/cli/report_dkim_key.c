/* waxwing report dkim-key: makes a key that report mails are signed with, and says what to publish of it. */
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "core/report.h"
#include "daemon/config_load.h"
#include "report/dkim_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#define COMMAND "report dkim-key"

#define SELECTOR "tlsrpt"
/* Of a key file; a larger one is none. */
#define FILE_MAX_OCTETS 65536
/* Octets of a character-string of a TXT record (RFC 1035 section 3.3.14). */
#define STRING_MAX 255

static const char usage[] =
    "usage: waxwing report dkim-key [--ed25519] [--selector NAME] [--domain DOMAIN] [--json] FILE\n"
    "       waxwing report dkim-key --show [--selector NAME] [--domain DOMAIN] [--json] FILE\n";

static const char help[] =
    "\n"
    "Makes a private key, an RSA one of 2048 bits, that report mails are signed with (DKIM), and writes\n"
    "it to FILE, which must not exist and which only you can read. Says which TXT record to publish,\n"
    "and what to put into the configuration.\n"
    "\n"
    "  --ed25519          an Ed25519 key; many of those who get mail cannot check its signatures yet\n"
    "  --show             make none: say the same of the key that FILE has\n"
    "  --selector NAME    the name that the key is published at, instead of report.dkim_selector of the\n"
    "                     configuration, or \"" SELECTOR "\"\n"
    "  --domain DOMAIN    the domain that signs, instead of report.dkim_domain, or that of report.contact\n"
    "  --json             print JSON\n"
    "  --config FILE      the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --help             print this\n"
    "\n"
    "Exit status: 0 done; 64 usage; 65 FILE holds no key that DKIM can sign with; 66 it cannot be read;\n"
    "70 it exists already, or cannot be written; 78 the configuration is wrong.\n";

struct order {
    const char *path;
    const char *config_path;
    char selector[WW_DNAME_SIZE];
    char domain[WW_DNAME_SIZE];
    bool ed25519;
    bool show;
    bool json;
};

enum { OPTION_ED25519 = 1000, OPTION_SHOW, OPTION_SELECTOR, OPTION_DOMAIN, OPTION_JSON };

/* What is wrong with its value, or NULL. */
static const char *take_option(void *ctx, int option, const char *value)
{
    struct order *o = ctx;
    switch (option) {
    case OPTION_ED25519:
        o->ed25519 = true;
        return NULL;
    case OPTION_SHOW:
        o->show = true;
        return NULL;
    case OPTION_JSON:
        o->json = true;
        return NULL;
    case OPTION_SELECTOR:
        return snprintf(o->selector, sizeof o->selector, "%s", value) < (int)sizeof o->selector && *value
                   ? NULL
                   : "--selector wants a name such as " SELECTOR;
    case OPTION_DOMAIN:
        return ww_idn_to_domain(ww_slice_str(value), o->domain) == WW_OK ? NULL
                                                                         : "--domain wants a domain name";
    case 'c':
        o->config_path = value;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

/* -1: go on. */
static int read_options(int argc, char **argv, struct order *o)
{
    static const struct option known[] = {
        {"ed25519", no_argument, NULL, OPTION_ED25519},
        {"show", no_argument, NULL, OPTION_SHOW},
        {"selector", required_argument, NULL, OPTION_SELECTOR},
        {"domain", required_argument, NULL, OPTION_DOMAIN},
        {"json", no_argument, NULL, OPTION_JSON},
        {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static const struct ww_subcommand_options options = {COMMAND, usage, help, known, take_option};
    int status = ww_subcommand_read(&options, argc, argv, o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(COMMAND, "the path of one key is wanted", usage);
    if (o->show && o->ed25519)
        return ww_subcommand_usage(COMMAND, "--show makes no key: --ed25519 has no place beside it", usage);
    o->path = argv[optind];
    return -1;
}

/* What the command line leaves open. */
static int fill_in(struct order *o)
{
    struct ww_config *config = NULL;
    int status = WW_EXIT_OK;
    if (o->selector[0] == '\0' || o->domain[0] == '\0')
        status = ww_cli_load_config(COMMAND, o->config_path, &config);
    if (status != WW_EXIT_OK)
        return status;
    if (o->selector[0] == '\0')
        (void)snprintf(o->selector, sizeof o->selector, "%s",
                       config->report_dkim_selector != NULL ? config->report_dkim_selector : SELECTOR);
    if (o->domain[0] == '\0' && config->report_dkim_domain != NULL)
        (void)snprintf(o->domain, sizeof o->domain, "%s", config->report_dkim_domain);
    else if (o->domain[0] == '\0' && config->report_contact != NULL)
        (void)snprintf(o->domain, sizeof o->domain, "%s", ww_report_submitter(config->report_contact));
    ww_config_free(config);
    if (o->domain[0] != '\0')
        return WW_EXIT_OK;
    return ww_subcommand_usage(COMMAND, "which domain signs? Set report.contact, or say --domain", usage);
}

/* All of it is on the disk, or there is no file. */
static int write_key(const char *path, const char *pem, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        ww_subcommand_complain(COMMAND, path,
                               errno == EEXIST
                                   ? "it exists already, and is not written over: name another, or "
                                     "see what to publish of it with --show"
                                   : strerror(errno));
        return WW_EXIT_INTERNAL;
    }
    ssize_t written = write(fd, pem, n);
    int error = written == (ssize_t)n ? 0 : written < 0 ? errno : ENOSPC;
    if (error == 0 && fsync(fd) != 0)
        error = errno;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error == 0)
        return WW_EXIT_OK;
    (void)unlink(path);
    ww_subcommand_complain(COMMAND, path, strerror(error));
    return WW_EXIT_INTERNAL;
}

static int make_key(const struct order *o, struct ww_dkim_public *out)
{
    size_t n = 0;
    EVP_PKEY *key = ww_dkim_key_make(o->ed25519 ? WW_DKIM_ED25519 : WW_DKIM_RSA);
    char *pem = key != NULL && ww_dkim_key_public(key, out) ? ww_dkim_key_write(key, &n) : NULL;
    int status = WW_EXIT_INTERNAL;
    if (pem != NULL)
        status = write_key(o->path, pem, n);
    else
        (void)fputs("waxwing " COMMAND ": OpenSSL cannot make a key\n", stderr);
    ww_dkim_key_wipe(pem, n);
    EVP_PKEY_free(key);
    return status;
}

static int look_at_key(const struct order *o, struct ww_dkim_public *out)
{
    struct ww_input input;
    char detail[256];
    int status = ww_input_read(o->path, FILE_MAX_OCTETS, &input);
    if (status != WW_EXIT_OK)
        return status;
    EVP_PKEY *key = ww_dkim_key_read(ww_slice(input.p, input.n), detail, sizeof detail);
    if (key == NULL) {
        ww_subcommand_complain(COMMAND, o->path, detail);
        status = WW_EXIT_DATA;
    } else if (!ww_dkim_key_public(key, out)) {
        (void)fputs("waxwing " COMMAND ": out of memory\n", stderr);
        status = WW_EXIT_INTERNAL;
    }
    EVP_PKEY_free(key);
    OPENSSL_cleanse(input.p, input.n);
    ww_input_free(&input);
    return status;
}

static void print_record(const struct order *o, const struct ww_dkim_public *key)
{
    (void)printf("  %s._domainkey.%s. IN TXT (\n", o->selector, o->domain);
    for (const char *p = key->record; *p != '\0';) {
        size_t n = strnlen(p, STRING_MAX);
        (void)printf("      \"%.*s\"%s\n", (int)n, p, p[n] != '\0' ? "" : " )");
        p += n;
    }
}

static void print_text(const struct order *o, const struct ww_dkim_public *key, const char *path)
{
    ww_show_text(stdout, path);
    (void)printf(" has %s %s key of %d bits.\n\nPublish in DNS:\n\n", o->show ? "an" : "a new",
                 key->kind == WW_DKIM_RSA ? "RSA" : "Ed25519", key->bits);
    print_record(o, key);
    (void)fputs("\nPut into the section report of the configuration, once the record is there:\n\n"
                "  dkim_key = \"",
                stdout);
    ww_show_text(stdout, path);
    (void)printf("\"\n  dkim_selector = \"%s\"\n  dkim_domain = \"%s\"\n\n", o->selector, o->domain);
    if (!o->show)
        (void)fputs(
            "waxwingd's user has to be able to read the file, and nobody else: chown it to waxwing.\n",
            stdout);
}

static int print_json(const struct order *o, const struct ww_dkim_public *key, const char *path)
{
    char name[2 * WW_DNAME_SIZE + 16];
    (void)snprintf(name, sizeof name, "%s._domainkey.%s", o->selector, o->domain);
    json_t *json = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:s}", "file", path, "type",
                             key->kind == WW_DKIM_RSA ? "rsa" : "ed25519", "bits", key->bits, "selector",
                             o->selector, "domain", o->domain, "name", name, "record", key->record);
    bool good = json != NULL && json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0;
    (void)putchar('\n');
    json_decref(json);
    return good ? WW_EXIT_OK : WW_EXIT_INTERNAL;
}

int ww_cli_report_dkim_key(int argc, char **argv)
{
    struct order o = {.path = NULL};
    struct ww_dkim_public key;
    int status = read_options(argc, argv, &o);
    if (status >= 0)
        return status;
    status = fill_in(&o);
    if (status == WW_EXIT_OK && !ww_dkim_names_check(o.selector, o.domain))
        status = ww_subcommand_usage(COMMAND, "the selector is no part of a domain name", usage);
    if (status == WW_EXIT_OK)
        status = o.show ? look_at_key(&o, &key) : make_key(&o, &key);
    if (status != WW_EXIT_OK)
        return status;
    char *path = realpath(o.path, NULL);
    const char *shown = path != NULL ? path : o.path;
    if (o.json)
        status = print_json(&o, &key, shown);
    else
        print_text(&o, &key, shown);
    free(path);
    return fflush(stdout) == 0 ? status : WW_EXIT_INTERNAL;
}
