#include "daemon/resolver_inputs.h"

#include "daemon/anchor_seed.h"
#include "daemon/settings.h"
#include "net/https.h"

#include <string.h>
#include <sys/stat.h>

static struct ww_file_stamp stamp_of(const char *path)
{
    struct stat st;
    if (path == NULL || stat(path, &st) != 0)
        return (struct ww_file_stamp){.inode = 0};
    return (struct ww_file_stamp){
        .device = (uint64_t)st.st_dev,
        .inode = (uint64_t)st.st_ino,
        .size = (uint64_t)st.st_size,
        .changed_s = (int64_t)st.st_ctim.tv_sec,
        .changed_ns = (int64_t)st.st_ctim.tv_nsec,
    };
}

static bool same_stamp(const struct ww_file_stamp *a, const struct ww_file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

void ww_resolver_files_look(struct ww_resolver_files *files, const struct ww_config *config)
{
    const char *const paths[WW_RESOLVER_FILES] = {
        config->fetch_ca_file != NULL ? config->fetch_ca_file : WW_HTTPS_CA_FILE,
        config->dns_root_hints,
        config->dns_trust_anchor != NULL ? config->dns_trust_anchor : ww_anchor_system_files[0],
    };
    for (size_t i = 0; i < WW_RESOLVER_FILES; i++)
        files->stamps[i] = stamp_of(paths[i]);
}

bool ww_resolver_files_same(const struct ww_resolver_files *a, const struct ww_resolver_files *b)
{
    for (size_t i = 0; i < WW_RESOLVER_FILES; i++) {
        if (!same_stamp(&a->stamps[i], &b->stamps[i]))
            return false;
    }
    return true;
}

bool ww_resolver_settings_same(const struct ww_config *a, const struct ww_config *b)
{
    for (size_t i = 0; i < ww_setting_count; i++) {
        const struct ww_setting *s = &ww_settings[i];
        bool concerns = strcmp(s->section, "dns") == 0 || strcmp(s->section, "fetch") == 0;
        if (concerns && !ww_setting_equal(s, a, b))
            return false;
    }
    return true;
}
