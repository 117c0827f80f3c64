/* verify_mail NOW [RECORD...]: what is found of the signatures of a mail on standard input, whose keys have
 * these records, in the order of their names. For tests with mails that programs of others have signed. */
#include "report/dkim_verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char mail[8 << 20];

int main(int argc, char **argv)
{
    struct ww_dkim_key_names names;
    struct ww_dkim_found_key keys[WW_DKIM_SIGNATURES_MAX];
    struct ww_dkim_fact fact;
    if (argc < 2)
        return EXIT_FAILURE;
    ww_dkim_verify_init();
    struct ww_slice octets = ww_slice(mail, fread(mail, 1, sizeof mail, stdin));
    ww_dkim_names_of(octets, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *record = (int)i + 2 < argc ? argv[i + 2] : "";
        memcpy(keys[i].name, names.names[i], sizeof keys[i].name);
        keys[i].found = record[0] != '\0' ? WW_DKIM_KEY_FOUND : WW_DKIM_KEY_ABSENT;
        keys[i].record = ww_slice_str(record);
    }
    if (ww_dkim_verify(octets, keys, names.count, strtoll(argv[1], NULL, 10), &fact) != WW_OK)
        return EXIT_FAILURE;
    (void)printf("%s %s %s %s|%s\n", ww_dkim_result_name(fact.result), fact.domain, fact.selector,
                 fact.aligned ? "aligned" : "other", fact.detail);
    return EXIT_SUCCESS;
}
