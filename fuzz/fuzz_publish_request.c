/*
 * What is asked of control about published domains: a request that is taken becomes a message that the keeper
 * reads, with patterns and URIs that the strict parsers take. The first octet says what is asked.
 */
#include "check.h"
#include "core/mx_match.h"
#include "daemon/control_publish.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char space[WW_MSG_TEND_MAX];

static void check_patterns(const char (*patterns)[WW_PUBLISHED_PATTERN_SIZE], size_t count)
{
    size_t offset;
    for (size_t i = 0; i < count; i++)
        CHECK(ww_mx_pattern_check(ww_slice_str(patterns[i]), &offset) == WW_OK);
}

static void check_message(const struct ww_msg_publish_ask *m)
{
    static struct ww_msg_publish_ask again;
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_publish_ask(&b, m);
    CHECK(!b.failed && ww_msg_get_publish_ask(ww_slice(b.p, b.n), &again) == WW_OK);
    CHECK(again.fields == m->fields && strcmp(again.wanted.rua, m->wanted.rua) == 0);
    CHECK(again.wanted.host != WW_HOSTED_MIRROR || again.wanted.mirror[0] != '\0');
    check_patterns((const char(*)[WW_PUBLISHED_PATTERN_SIZE])again.wanted.mx, again.wanted.mx_count);
    check_patterns((const char(*)[WW_PUBLISHED_PATTERN_SIZE])again.drop, again.drop_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ww_config config = {.publish_dns_count = 1};
    static struct ww_msg_publish_ask m;
    char why[WW_CONTROL_PUBLISH_WHY_SIZE];
    json_t *request = size > 0 ? json_loadb((const char *)data + 1, size - 1, 0, NULL) : NULL;
    if (request == NULL)
        return 0;
    m = (struct ww_msg_publish_ask){.what = data[0] % WW_PUBLISH_ASK_COUNT};
    if (ww_control_publish_read(request, &config, &m, why))
        check_message(&m);
    else
        CHECK(why[0] != '\0' && strnlen(why, sizeof why) < sizeof why);
    json_decref(request);
    return 0;
}
