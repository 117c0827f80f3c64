/* waxwing preload verify: form, signature and times of a list, as the daemon would judge them. */
#include "base/time.h"
#include "cli/cli.h"
#include "cli/preload.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/when.h"
#include "codec/preload_json.h"
#include "engine/preload.h"
#include "sign/openpgp.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMMAND "preload verify"

static const char usage[] = "usage: waxwing preload verify --key FILE [--signature FILE] [--json] LIST\n";

static const char help[] =
    "\n"
    "Looks at a preload list as waxwingd would that has none yet, and says what came of each check:\n"
    "its form, its signature, its times.\n"
    "\n"
    "  --key FILE        the OpenPGP public keys, of which one has to have signed the list\n"
    "  --signature FILE  the detached signature, instead of LIST.asc\n"
    "  --json            print JSON, one object a line for each check\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0 all is well; 1 something is not; 64 usage; 66 a file cannot be read.\n";

struct verify {
    const char *list_path;
    const char *signature_path;
    const char *key_path;
    bool json;
    int64_t now;
    bool failed;
};

/* detail tells more, of either outcome; it may be "". */
static void tell(struct verify *v, const char *check, enum ww_err err, const char *detail)
{
    v->failed = v->failed || err != WW_OK;
    if (v->json) {
        json_t *error = err != WW_OK
                            ? json_pack("{s:s, s:s}", "id", ww_err_id(err), "message", ww_err_message(err))
                            : json_null();
        json_t *line = json_pack("{s:s, s:b, s:o, s:s}", "check", check, "well", err == WW_OK, "error", error,
                                 "detail", detail);
        if (json_dumpf(line, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
            (void)putchar('\n');
        json_decref(line);
        return;
    }
    (void)printf("%-10s %s", check, err == WW_OK ? "well" : "WRONG");
    if (err != WW_OK)
        (void)printf(": %s", ww_err_message(err));
    if (detail[0] != '\0') {
        (void)fputs(": ", stdout);
        ww_show_text(stdout, detail);
    }
    (void)putchar('\n');
}

static void verify_form(struct verify *v, const struct ww_preload *list, enum ww_err err, const char *why)
{
    char words[64];
    (void)snprintf(words, sizeof words, "%" PRIu32 " domain%s", list->count, list->count == 1 ? "" : "s");
    tell(v, "form", err, err == WW_OK ? words : why);
}

static void verify_times(struct verify *v, const struct ww_preload *list)
{
    char made[WW_TIME_SIZE], expires[WW_TIME_SIZE], when[WW_WHEN_SIZE], words[160];
    enum ww_err err;
    ww_time_format(list->timestamp, made);
    ww_time_format(list->expires, expires);
    ww_when(list->expires, v->now, when);
    (void)snprintf(words, sizeof words, "made %s, expires %s (%s)", made, expires, when);
    (void)ww_preload_decide(list, NULL, v->now, &err);
    tell(v, "times", err, words);
}

static void tell_signer(struct verify *v, const struct ww_openpgp_signer *signer)
{
    char made[WW_TIME_SIZE], until[WW_TIME_SIZE] = "", words[640];
    ww_time_format(signer->made, made);
    if (signer->until != 0)
        ww_time_format(signer->until, until);
    (void)snprintf(words, sizeof words, "by %s (%s), made %s%s%s", signer->key, signer->user, made,
                   signer->until != 0 ? ", holds until " : "", until);
    tell(v, "signature", WW_OK, words);
}

static int verify_signature(struct verify *v, const struct ww_input *text)
{
    struct ww_input key = {NULL, 0}, signature = {NULL, 0};
    struct ww_openpgp_signer signer;
    const char *tmp = getenv("TMPDIR");
    char why[WW_OPENPGP_WHY_SIZE];
    int status = ww_input_read(v->key_path, WW_OPENPGP_KEYS_MAX + 1, &key);
    if (status == WW_EXIT_OK)
        status = ww_input_read(v->signature_path, WW_OPENPGP_SIGNATURE_MAX + 1, &signature);
    if (status == WW_EXIT_OK) {
        enum ww_err err =
            ww_openpgp_verify(tmp != NULL && tmp[0] == '/' ? tmp : "/tmp", ww_slice(key.p, key.n),
                              ww_slice(signature.p, signature.n), ww_slice(text->p, text->n), &signer, why);
        if (err == WW_OK)
            tell_signer(v, &signer);
        else
            tell(v, "signature", err, why);
    }
    ww_input_free(&key);
    ww_input_free(&signature);
    return status;
}

static int verify(struct verify *v)
{
    struct ww_preload_text text;
    char why[WW_PRELOAD_WHY_SIZE] = "";
    enum ww_err err;
    int status = ww_preload_text_read(v->list_path, &text, &err, why);
    if (status == WW_EXIT_OK) {
        verify_form(v, &text.list, err, why);
        status = verify_signature(v, &text.text);
        if (status == WW_EXIT_OK && err == WW_OK)
            verify_times(v, &text.list);
    }
    ww_preload_text_free(&text);
    return status == WW_EXIT_OK && v->failed ? WW_EXIT_NOT : status;
}

int ww_cli_preload_verify(int argc, char **argv)
{
    static const struct option known[] = {{"key", required_argument, NULL, 'k'},
                                          {"signature", required_argument, NULL, 's'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    struct verify v = {.now = (int64_t)time(NULL)};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        if (option == 'k')
            v.key_path = optarg;
        else if (option == 's')
            v.signature_path = optarg;
        else if (option == 'j')
            v.json = true;
        else
            return ww_subcommand_usage(COMMAND, WW_NO_SUCH_OPTION, usage);
    }
    if (v.key_path == NULL || optind + 1 != argc)
        return ww_subcommand_usage(COMMAND, "one list is wanted, and --key", usage);
    v.list_path = argv[optind];
    char *beside = NULL;
    if (v.signature_path == NULL && asprintf(&beside, "%s.asc", v.list_path) < 0)
        return WW_EXIT_INTERNAL;
    if (beside != NULL)
        v.signature_path = beside;
    int status = verify(&v);
    free(beside);
    return status;
}
