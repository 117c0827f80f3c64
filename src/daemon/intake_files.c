#include "daemon/intake_files.h"

#include <string.h>

void ww_intake_files_look(struct ww_intake_files *files, const struct ww_config *config)
{
    bool served = config->intake && config->intake_https[0] != NULL;
    files->certificate = ww_file_stamp_of(served ? config->intake_certificate : NULL);
    files->key = ww_file_stamp_of(served ? config->intake_key : NULL);
}

static bool same_path(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool ww_intake_inputs_same(const struct ww_intake_files *files_a, const struct ww_intake_files *files_b,
                           const struct ww_config *a, const struct ww_config *b)
{
    return (a->intake_https[0] == NULL) == (b->intake_https[0] == NULL) &&
           same_path(a->intake_certificate, b->intake_certificate) &&
           same_path(a->intake_key, b->intake_key) &&
           ww_file_stamp_same(&files_a->certificate, &files_b->certificate) &&
           ww_file_stamp_same(&files_a->key, &files_b->key);
}
