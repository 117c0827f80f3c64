#include "daemon/resolver_inputs.h"

#include "daemon/anchor_seed.h"
#include "daemon/settings.h"
#include "net/https.h"

#include <string.h>

void ww_resolver_files_look(struct ww_resolver_files *files, const struct ww_config *config)
{
    const char *const paths[WW_RESOLVER_FILES] = {
        config->fetch_ca_file != NULL ? config->fetch_ca_file : WW_HTTPS_CA_FILE,
        config->dns_root_hints,
        config->dns_trust_anchor != NULL ? config->dns_trust_anchor : ww_anchor_system_files[0],
    };
    for (size_t i = 0; i < WW_RESOLVER_FILES; i++)
        files->stamps[i] = ww_file_stamp_of(paths[i]);
}

bool ww_resolver_files_same(const struct ww_resolver_files *a, const struct ww_resolver_files *b)
{
    for (size_t i = 0; i < WW_RESOLVER_FILES; i++) {
        if (!ww_file_stamp_same(&a->stamps[i], &b->stamps[i]))
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
