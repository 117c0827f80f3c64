/* What waxwingd is set up for decides how a domain is published where nobody says otherwise. */
#include "cli/check_view.h"
#include "cli/load.h"
#include "cli/publish.h"
#include "cli/subcommands.h"
#include "daemon/config_text.h"

#include <string.h>

int ww_publish_ready(const struct ww_publish_options *o, struct ww_config **config)
{
    *config = NULL;
    int status = o->control.socket != NULL
                     ? WW_EXIT_OK
                     : ww_cli_load_config(o->control.command, o->control.config_path, config);
    if (status != WW_EXIT_OK || *config == NULL || (*config)->publish)
        return status;
    ww_subcommand_complain(
        o->control.command, o->control.config_path != NULL ? o->control.config_path : WW_CONFIG_FILE,
        "nothing is published by this configuration: set `publish { enabled = true }`, and where "
        "policies are served (docs/publish.md), and restart waxwingd");
    return WW_EXIT_CONFIG;
}

const char *ww_publish_usual_host(const struct ww_config *config)
{
    if (config == NULL || config->publish_https[0] != NULL)
        return "here";
    return config->publish_tree != NULL ? "tree" : "elsewhere";
}

const char *ww_publish_lack(const struct ww_config *config, const json_t *wanted)
{
    const char *host = ww_view_text(wanted, "host");
    bool ours = strcmp(host, "here") == 0 || strcmp(host, "mirror") == 0;
    if (config == NULL)
        return NULL;
    if (ours && config->publish_https[0] == NULL)
        return "waxwingd serves no policies: set publish.https, such as https = {\"inet:[::]:443\"}";
    if (strcmp(host, "tree") == 0 && config->publish_tree == NULL)
        return "waxwingd does not know where to write them: set publish.tree to a folder";
    if (strcmp(ww_view_text(wanted, "dns"), "update") == 0 && config->publish_dns_count == 0)
        return "waxwingd knows no name server that takes updates: set publish.dns_server";
    if (ours && strcmp(ww_view_text(wanted, "certificate"), "acme") == 0 && config->publish_acme == NULL)
        return "waxwingd knows no authority: set publish.acme to the URL of its directory";
    return NULL;
}

static void set_unless(json_t *wanted, const char *key, const char *value)
{
    if (json_object_get(wanted, key) == NULL)
        (void)json_object_set_new(wanted, key, json_string(value));
}

void ww_publish_fill(const struct ww_config *config, json_t *wanted)
{
    if (config == NULL)
        return;
    set_unless(wanted, "host", ww_publish_usual_host(config));
    set_unless(wanted, "dns", config->publish_dns_count > 0 ? "update" : "hand");
    set_unless(wanted, "certificate", config->publish_acme != NULL ? "acme" : "files");
}
