/* For the end-to-end tests: what the role clerk does for a certificate, with the rights that it has. */
#include "installed.h"
#include "proc/confine.h"
#include "publish/acme.h"
#include "publish/acme_hook.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    int hook = ww_acme_hook(argc, argv);
    if (hook >= 0)
        return hook;
    if (argc != 5 && argc != 6) {
        (void)fprintf(stderr, "usage: acme_issue FOLDER DIRECTORY http-01|tls-alpn-01 HOST [force]\n");
        return 64;
    }
    char detail[WW_ACME_DETAIL_SIZE];
    bool partial;
    const struct ww_confine rights = {.rights = WW_MAY_RUN | WW_MAY_CONNECT, .directory = argv[1]};
    const struct ww_acme acme = {
        .folder = argv[1],
        .directory = argv[2],
        .contact = "postmaster@example.com",
        .tls_alpn = strcmp(argv[3], "tls-alpn-01") == 0,
        .force = argc == 6,
    };
    if (ww_confine(&rights, &partial, detail, sizeof detail) != WW_OK || partial) {
        (void)fprintf(stderr, "%s\n", detail);
        return 70;
    }
    bool good = ww_acme_issue(&acme, argv[4], 60000, detail);
    (void)printf("%s\n%lld\n", detail, (long long)installed_until(argv[1], argv[4]));
    return good ? 0 : 1;
}
