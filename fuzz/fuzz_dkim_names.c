/* Mails that may be signed: the names of keys are canonical, and a signature that nobody made never passes.
 */
#include "check.h"
#include "core/dname.h"
#include "report/dkim_verify.h"

#include <stdint.h>
#include <string.h>

/* Of Ed25519. */
#define RECORD "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_key(const char *name)
{
    static const char middle[] = "._domainkey.";
    const char *at = strstr(name, middle);
    size_t offset;
    CHECK(at != NULL && at != name && strlen(name) < WW_DNAME_SIZE);
    at += strlen(middle);
    CHECK(ww_dname_check(at, strlen(at), &offset) == WW_OK);
    for (; *name != '\0'; name++)
        CHECK(*name > ' ' && *name <= '~' && !(*name >= 'A' && *name <= 'Z'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    struct ww_slice mail = ww_slice((const char *)data, size);
    struct ww_dkim_key_names names;
    struct ww_dkim_found_key keys[WW_DKIM_SIGNATURES_MAX];
    struct ww_dkim_fact fact;
    if (!ready)
        ww_dkim_verify_init();
    ready = true;
    ww_dkim_names_of(mail, &names);
    CHECK(names.count <= WW_DKIM_SIGNATURES_MAX);
    for (size_t i = 0; i < names.count; i++) {
        check_key(names.names[i]);
        memcpy(keys[i].name, names.names[i], sizeof keys[i].name);
        keys[i].found = WW_DKIM_KEY_FOUND;
        keys[i].record = ww_slice_str(RECORD);
    }
    CHECK(ww_dkim_verify(mail, keys, names.count, 1795914000, &fact) == WW_OK);
    CHECK(fact.result != WW_DKIM_PASS && (fact.result == WW_DKIM_NONE) == (fact.detail[0] == '\0'));
    return 0;
}
