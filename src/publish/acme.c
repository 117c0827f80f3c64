#include "publish/acme.h"

#include "base/buf.h"
#include "core/words.h"
#include "net/clock.h"
#include "proc/program.h"
#include "publish/acme_hook.h"
#include "publish/acme_words.h"
#include "publish/certificate.h"
#include "publish/certificate_time.h"
#include "publish/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

/* What is kept of what uacme says; what the authority says stands in it once. */
#define SAID_SIZE 8192
/* How often it is tried to be the one who makes the account. */
#define LOCK_MS 100
/* A challenge whose uacme was killed is nobody's. */
#define STALE_SECONDS 86400

struct issuing {
    const struct ww_acme *acme;
    const char *host;
    int64_t until_ms; /* on the clock that never goes back */
    char *detail;
    char program[PATH_MAX];
    char own[PATH_MAX];        /* FOLDER/acme */
    char challenges[PATH_MAX]; /* FOLDER/challenges */
    char account[PATH_MAX];    /* says for whom there is an account: directory and contact */
    int self; /* this program, to be uacme's hook even when another has taken its place on the disk */
    char said[SAID_SIZE];
};

/* What the pair is read into. */
struct pair {
    char chain_room[WW_CERTIFICATE_FILE_MAX];
    char key_room[WW_CERTIFICATE_FILE_MAX];
    struct ww_slice chain;
    struct ww_slice key;
};

static void __attribute__((format(printf, 2, 3))) say(struct issuing *i, const char *format, ...)
{
    char text[PATH_MAX + 512];
    struct ww_buf b = ww_buf(i->detail, WW_ACME_DETAIL_SIZE - 1);
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    ww_words_put_cut(&b, ww_slice_str(text));
    i->detail[b.n] = '\0';
}

static unsigned left_ms(const struct issuing *i)
{
    int64_t left = i->until_ms - ww_clock_us() / 1000;
    return left > 0 ? (unsigned)left : 0;
}

static bool judge_end(struct issuing *i, enum ww_program_end end, int status)
{
    char words[WW_ACME_DETAIL_SIZE - 64];
    ww_acme_words(ww_slice_str(i->said), words, sizeof words);
    if (end == WW_PROGRAM_FAILED)
        say(i, "uacme could not be run: %s", strerror(errno));
    else if (end == WW_PROGRAM_TIMEOUT)
        say(i, "uacme was not through in time, and was killed%s%s", words[0] != '\0' ? ": " : "", words);
    else if (WIFSIGNALED(status))
        say(i, "uacme was ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0 && words[0] != '\0')
        say(i, "%s", words);
    else if (WEXITSTATUS(status) != 0)
        say(i, "uacme: exit status %d", WEXITSTATUS(status));
    else
        i->detail[0] = '\0';
    return i->detail[0] == '\0';
}

/* uacme with some options and its words, each up to a NULL. */
static bool call(struct issuing *i, const char *const *options, const char *const *words)
{
    char challenges[PATH_MAX + 32], type[64], host[WW_DNAME_SIZE + 32];
    const char *argv[WW_PROGRAM_WORDS_MAX] = {"uacme", "-c", i->own, "-a", i->acme->directory, "-t", "EC"};
    const char *const env[] = {challenges, type, host, NULL};
    size_t n = 7;
    int status;
    while (*options != NULL)
        argv[n++] = *options++;
    argv[n++] = "--";
    while (*words != NULL)
        argv[n++] = *words++;
    (void)snprintf(challenges, sizeof challenges, WW_ACME_HOOK_FOLDER "=%s", i->challenges);
    (void)snprintf(type, sizeof type, WW_ACME_HOOK_TYPE "=%s", i->acme->tls_alpn ? "tls-alpn-01" : "http-01");
    (void)snprintf(host, sizeof host, WW_ACME_HOOK_HOST "=%s", i->host);
    const struct ww_program program = {.path = i->program,
                                       .argv = argv,
                                       .env = env,
                                       .in = -1,
                                       .kept = i->self,
                                       .timeout_ms = left_ms(i),
                                       .said = i->said,
                                       .said_size = sizeof i->said};
    enum ww_program_end end = ww_program_run(&program, &status);
    return judge_end(i, end, status);
}

/* Which account is wanted, as FOLDER/acme/account has it. */
static struct ww_slice account_text(const struct issuing *i, char *room, size_t size)
{
    int n = snprintf(room, size, "%s\n%s\n", i->acme->directory,
                     i->acme->contact != NULL ? i->acme->contact : "");
    return ww_slice(room, n > 0 && (size_t)n < size ? (size_t)n : 0);
}

static bool has_account(const struct issuing *i, struct ww_slice wanted)
{
    char room[WW_CERTIFICATE_FILE_MAX];
    return ww_slice_eq(ww_certificate_read(i->account, room), wanted);
}

/* Where there is a key its account may be there as well, and takes the contact. */
static bool make_account(struct issuing *i)
{
    const char *const none[] = {NULL}, *const agreed[] = {"-y", NULL};
    const char *const update[] = {"update", i->acme->contact, NULL}, *const make[] = {"new", i->acme->contact,
                                                                                      NULL};
    char key[PATH_MAX];
    bool known = ww_place(key, i->own, "private/key.pem") && access(key, F_OK) == 0;
    return (known && call(i, none, update)) || call(i, agreed, make);
}

/* Of those who want one at the same time the first makes it. */
static int lock(struct issuing *i)
{
    const struct timespec pause = {.tv_nsec = LOCK_MS * 1000000L};
    char path[PATH_MAX];
    int fd = ww_place(path, i->own, "lock") ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK && left_ms(i) > 0) {
            (void)nanosleep(&pause, NULL);
            continue;
        }
        (void)close(fd);
        fd = -1;
    }
    if (fd < 0)
        say(i, "%s/lock: %s", i->own, strerror(errno));
    return fd;
}

static bool account(struct issuing *i)
{
    char room[PATH_MAX];
    struct ww_slice wanted = account_text(i, room, sizeof room);
    int fd = lock(i);
    if (fd < 0)
        return false;
    bool good = has_account(i, wanted);
    if (!good && make_account(i)) {
        good = ww_place_file(i->account, 0600, wanted);
        if (!good)
            say(i, "%s: %s", i->account, strerror(errno));
    }
    (void)close(fd);
    return good;
}

/* Removes files of a folder whose names begin so and that are at least so old, in seconds. */
static void sweep(const char *folder, const char *prefix, int64_t older)
{
    char path[PATH_MAX];
    struct stat is;
    DIR *dir = opendir(folder);
    const struct dirent *one;
    while (dir != NULL && (one = readdir(dir)) != NULL) {
        if (one->d_name[0] != '.' && strncmp(one->d_name, prefix, strlen(prefix)) == 0 &&
            ww_place(path, folder, "%s", one->d_name) && stat(path, &is) == 0 && S_ISREG(is.st_mode) &&
            is.st_mtime <= time(NULL) - older)
            (void)unlink(path);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

static bool read_pair(struct pair *pair, const char *chain, const char *key)
{
    pair->chain = ww_certificate_read(chain, pair->chain_room);
    pair->key = pair->chain.p != NULL ? ww_certificate_read(key, pair->key_room) : pair->chain;
    return pair->key.p != NULL;
}

static bool is_fresh(const struct issuing *i, struct pair *pair)
{
    char chain[PATH_MAX], key[PATH_MAX], why[WW_CERTIFICATE_DETAIL_SIZE];
    struct ww_certificate_span span;
    int64_t now = time(NULL);
    return ww_place(chain, i->acme->folder, "certificates/%s/fullchain.pem", i->host) &&
           ww_place(key, i->acme->folder, "certificates/%s/privkey.pem", i->host) &&
           read_pair(pair, chain, key) &&
           ww_certificate_judge(pair->chain, pair->key, i->host, now, &span, why) &&
           now < ww_certificate_renew_at(span.not_before, span.not_after);
}

/* What uacme has got. It keeps each one that it replaces. */
static bool take(struct issuing *i, struct pair *pair)
{
    char chain[PATH_MAX], key[PATH_MAX], folder[PATH_MAX], why[WW_CERTIFICATE_DETAIL_SIZE] = "";
    struct ww_certificate_span span;
    if (!ww_place(chain, i->own, "%s/cert.pem", i->host) ||
        !ww_place(key, i->own, "private/%s/key.pem", i->host) || !ww_place(folder, i->own, "%s", i->host) ||
        !read_pair(pair, chain, key)) {
        say(i, "what uacme has got cannot be read: %s", strerror(errno));
        return false;
    }
    sweep(folder, "cert-", 0);
    if (!ww_certificate_judge(pair->chain, pair->key, i->host, time(NULL), &span, why)) {
        say(i, "the authority's certificate is of no use: %s", why);
        return false;
    }
    if (ww_certificate_install(i->acme->folder, i->host, pair->chain, pair->key))
        return true;
    say(i, "%s/certificates/%s: %s", i->acme->folder, i->host, strerror(errno));
    return false;
}

static bool prepare(struct issuing *i)
{
    const char *folder = i->acme->folder;
    if (i->acme->program != NULL)
        (void)snprintf(i->program, sizeof i->program, "%s", i->acme->program);
    else if (!ww_program_find("uacme", i->program, sizeof i->program)) {
        say(i, "uacme is not installed: certificates by ACME are made by it");
        return false;
    }
    if (ww_place(i->own, folder, "acme") && ww_place(i->challenges, folder, "challenges") &&
        ww_place(i->account, i->own, "account") && ww_place_folder(i->own, 0700) &&
        ww_place_folder(i->challenges, 0750) && (i->self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)) >= 0)
        return true;
    say(i, "%s: %s", folder, strerror(errno));
    return false;
}

static bool ask(struct issuing *i)
{
    char hook[32];
    (void)snprintf(hook, sizeof hook, "/proc/self/fd/%d", i->self);
    const char *const options[] = {"-f", "-o", "-h", hook, NULL}, *const words[] = {"issue", i->host, NULL};
    sweep(i->challenges, "", STALE_SECONDS);
    if (!account(i))
        return false;
    if (call(i, options, words))
        return true;
    /* The authority may have forgotten it, or wants to be asked about it. */
    (void)unlink(i->account);
    return false;
}

bool ww_acme_issue(const struct ww_acme *acme, const char *host, unsigned timeout_ms,
                   char detail[WW_ACME_DETAIL_SIZE])
{
    char canonical[WW_DNAME_SIZE];
    struct issuing *i = calloc(1, sizeof *i);
    struct pair *pair = calloc(1, sizeof *pair);
    bool good = false;
    (void)snprintf(detail, WW_ACME_DETAIL_SIZE, "out of memory");
    if (i == NULL || pair == NULL)
        goto out;
    *i = (struct issuing){.acme = acme, .host = canonical, .detail = detail, .self = -1};
    i->until_ms = ww_clock_us() / 1000 + timeout_ms;
    detail[0] = '\0';
    if (ww_dname_canon(host, strlen(host), canonical) != WW_OK)
        say(i, "%s: no name of a host", host);
    else
        good = (!acme->force && is_fresh(i, pair)) || (prepare(i) && ask(i) && take(i, pair));
    if (i->self >= 0)
        (void)close(i->self);
out:
    if (pair != NULL)
        OPENSSL_cleanse(pair, sizeof *pair);
    free(pair);
    free(i);
    return good;
}
