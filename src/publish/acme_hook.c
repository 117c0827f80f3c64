#include "publish/acme_hook.h"

#include "core/dname.h"
#include "publish/challenge.h"
#include "publish/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* To uacme 0 means that the challenge is taken, more that it is declined: another may be offered. */
enum {
    TAKEN = 0,
    DECLINED = 1,
};

struct call {
    const char *folder;
    const char *host;
    bool tls_alpn;
    const char *token;
    const char *authorization;
};

static bool answer_file(const struct call *c, char path[PATH_MAX])
{
    return c->tls_alpn ? ww_place(path, c->folder, "%s.pem", c->host)
                       : ww_place(path, c->folder, "%s", c->token);
}

static bool answer(const struct call *c, const char *path)
{
    unsigned char digest[WW_CHALLENGE_DIGEST_SIZE];
    char pem[WW_CHALLENGE_PEM_SIZE];
    if (!c->tls_alpn)
        return ww_place_file(path, 0644, ww_slice_str(c->authorization));
    size_t n = ww_challenge_digest(c->authorization, digest)
                   ? ww_challenge_certificate(c->host, digest, time(NULL), pem)
                   : 0;
    errno = EPROTO;
    return n > 0 && ww_place_file(path, 0640, ww_slice(pem, n));
}

static bool well_formed(const struct call *c, const char *host)
{
    return ww_dname_eq(ww_slice_str(host), ww_slice_str(c->host)) && ww_challenge_token_check(c->token) &&
           (c->tls_alpn || ww_challenge_key_check(c->authorization, c->token));
}

int ww_acme_hook(int argc, char **argv)
{
    char path[PATH_MAX];
    const char *type = getenv(WW_ACME_HOOK_TYPE);
    struct call c = {.folder = getenv(WW_ACME_HOOK_FOLDER), .host = getenv(WW_ACME_HOOK_HOST)};
    if (argc != 6 || type == NULL || c.folder == NULL || c.host == NULL)
        return -1;
    c.tls_alpn = strcmp(type, "tls-alpn-01") == 0;
    c.token = argv[4];
    c.authorization = argv[5];
    if (strcmp(argv[2], type) != 0)
        return DECLINED;
    if (!well_formed(&c, argv[3]) || !answer_file(&c, path)) {
        (void)fprintf(stderr, "the authority's challenge is malformed\n");
        return DECLINED;
    }
    if (strcmp(argv[1], "begin") != 0)
        return unlink(path) == 0 || errno == ENOENT ? TAKEN : DECLINED;
    if (answer(&c, path))
        return TAKEN;
    (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return DECLINED;
}
