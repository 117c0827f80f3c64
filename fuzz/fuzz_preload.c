/* An image: what opens can be read through, and each of its names is found. */
#include "check.h"
#include "core/mx_match.h"
#include "core/preload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const struct ww_preload *list, uint32_t index)
{
    struct ww_preload_entry entry = ww_preload_at(list, index), found;
    struct ww_slice pattern;
    size_t count = 0, offset;
    CHECK(ww_preload_find(list, entry.domain, &found));
    CHECK(found.domain.p == entry.domain.p && found.mx.p == entry.mx.p && found.mode == entry.mode);
    CHECK(entry.mode == WW_MODE_TESTING || entry.mode == WW_MODE_ENFORCE);
    for (size_t pos = 0; ww_preload_next_mx(&entry, &pos, &pattern); count++)
        CHECK(ww_mx_pattern_check(pattern, &offset) == WW_OK);
    CHECK(count == entry.mx_count && count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_preload list;
    struct ww_preload_entry entry;
    if (ww_preload_open(data, size, &list) != WW_OK)
        return 0;
    for (uint32_t i = 0; i < list.count; i++)
        check_entry(&list, i);
    CHECK(!ww_preload_find(&list, ww_slice_str("~"), &entry));
    return 0;
}
