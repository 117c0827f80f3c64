/* Trust anchors in text: what is read is written as a line that is read as the same. Also as waxwingd's own
 * file. */
#include "check.h"
#include "core/anchor_file.h"
#include "core/anchor_text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct ww_anchor *a)
{
    static struct ww_anchor again;
    static char line[WW_ANCHOR_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line);
    bool found;
    ww_anchor_put(&b, a);
    CHECK(!b.failed);
    struct ww_anchor_text t = {.text = ww_slice(b.p, b.n)};
    CHECK(ww_anchor_text_next(&t, &again, &found) == WW_OK && found);
    CHECK(strcmp(a->owner, again.owner) == 0 && a->is_key == again.is_key && a->tag == again.tag);
    CHECK(a->algorithm == again.algorithm && a->digest_type == again.digest_type);
    CHECK(a->n == again.n && memcmp(a->data, again.data, a->n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ww_anchor a;
    static struct ww_anchor_file file;
    static char bytes[WW_ANCHOR_FILE_MAX];
    struct ww_anchor_text t = {.text = ww_slice((const char *)data, size)};
    bool found = true;
    while (ww_anchor_text_next(&t, &a, &found) == WW_OK && found) {
        CHECK(t.at <= size && a.n > 4 && a.n <= sizeof a.data);
        check_again(&a);
    }
    if (ww_anchor_file_parse((const char *)data, size, &file) != WW_OK)
        return 0;
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_anchor_file_put(&b, &file);
    CHECK(!b.failed && ww_anchor_file_parse(b.p, b.n, &file) == WW_OK);
    return 0;
}
