#include "cli/load.h"

#include "daemon/config_load.h"
#include "daemon/config_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int ww_cli_load_config(const char *command, const char *path, struct ww_config **config)
{
    const char *name = path != NULL ? path : WW_CONFIG_FILE;
    struct ww_config_text text = {NULL, 0};
    char detail[4096];
    if (!ww_config_text_add_file(&text, path)) {
        (void)fprintf(stderr, "waxwing %s: %s: %s\n", command, name, strerror(errno));
        return WW_EXIT_NO_INPUT;
    }
    *config = ww_config_parse(name, text.p, text.n, detail, sizeof detail);
    ww_config_text_free(&text);
    if (*config != NULL)
        return WW_EXIT_OK;
    (void)fprintf(stderr, "%s\n", detail);
    return WW_EXIT_CONFIG;
}
