/* Configuration texts: read, or refused with words that say where. */
#include "daemon/config.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char detail[512];
    struct ww_config *config = ww_config_parse("conf", (const char *)data, size, detail, sizeof detail);
    if (config == NULL && strncmp(detail, "conf:", 5) != 0)
        abort();
    if (config != NULL && (config->listen[0] == NULL || config->resolvers == 0 || config->store == NULL ||
                           config->life.fetch_retry < 300))
        abort();
    ww_config_free(config);
    return 0;
}
