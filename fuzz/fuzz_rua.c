/* A destination of reports: what is taken can be written down again, and then comes to the same. */
#include "core/rua.h"

#include "check.h"

#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_printable(const char *s)
{
    while (*s > ' ' && *s <= '~')
        s++;
    return *s == '\0';
}

/* Percent signs of a mailbox, and what a URI cannot hold as it is. */
static void put_mailto(char *out, size_t size, const char *mailbox)
{
    size_t n = (size_t)snprintf(out, size, "mailto:");
    for (; *mailbox != '\0' && n + 4 < size; mailbox++)
        n += (size_t)snprintf(out + n, size - n, "%%%02X", (unsigned char)*mailbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_rua rua, again;
    char text[2048];
    if (!ww_rua_parse(ww_slice((const char *)data, size), &rua))
        return 0;
    CHECK(rua.name[0] != '\0' && is_printable(rua.name) && is_printable(rua.mailbox) &&
          is_printable(rua.path));
    if (rua.scheme == WW_RUA_MAILTO) {
        CHECK(strchr(rua.mailbox, '@') != NULL && strchr(rua.mailbox, ',') == NULL);
        put_mailto(text, sizeof text, rua.mailbox);
    } else {
        CHECK(rua.scheme == WW_RUA_HTTPS && rua.path[0] == '/' && rua.port > 0 && rua.port < 65536);
        CHECK(strchr(rua.path, '#') == NULL);
        (void)snprintf(text, sizeof text, "https://%s:%u%s", rua.name, rua.port, rua.path);
    }
    CHECK(ww_rua_parse(ww_slice_str(text), &again));
    CHECK(rua.scheme == again.scheme && rua.port == again.port && strcmp(rua.name, again.name) == 0 &&
          strcmp(rua.mailbox, again.mailbox) == 0 && strcmp(rua.path, again.path) == 0);
    return 0;
}
