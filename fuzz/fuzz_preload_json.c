/* The text of a list: what is read makes an image that opens, and written as text makes the same again. */
#include "check.h"
#include "codec/preload_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_why(const char *why)
{
    for (; *why != '\0'; why++)
        CHECK(*why >= ' ' && *why <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[WW_PRELOAD_WHY_SIZE];
    struct ww_preload list;
    uint8_t *image, *again;
    size_t n, text_n, again_n;
    enum ww_err err = ww_preload_json_read((const char *)data, size, &image, &n, why);
    check_why(why);
    CHECK((err == WW_OK) == (image != NULL) && (err == WW_OK) == (why[0] == '\0'));
    if (image == NULL)
        return 0;
    CHECK(ww_preload_open(image, n, &list) == WW_OK);
    char *text = ww_preload_json_write(&list, &text_n);
    CHECK(text != NULL && strlen(text) == text_n);
    CHECK(ww_preload_json_read(text, text_n, &again, &again_n, why) == WW_OK);
    CHECK(again_n == n && memcmp(again, image, n) == 0);
    free(again);
    free(text);
    free(image);
    return 0;
}
