#include "cli/check_against.h"

#include "check/past.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

#define FILE_OCTETS ((size_t)256 << 20)

/* False: it is no report. A domain that could not be inspected has none, which is no error. */
static bool take(json_t *reports, struct ww_slice line)
{
    json_t *json = json_loadb(line.p, line.n, 0, NULL);
    const char *domain = json_string_value(json_object_get(json, "domain"));
    struct ww_past past;
    bool good = domain != NULL;
    if (good && json_object_get(json, "facts") != NULL)
        good = ww_past_read(json, domain, &past) && json_object_set(reports, domain, json) == 0;
    json_decref(json);
    return good;
}

static int take_all(json_t *reports, const char *path, const struct ww_input *input)
{
    unsigned number = 0;
    for (size_t at = 0; at < input->n;) {
        const char *end = memchr(input->p + at, '\n', input->n - at);
        size_t n = end != NULL ? (size_t)(end - input->p) - at : input->n - at;
        char words[64];
        number++;
        if (n > 0 && !take(reports, ww_slice(input->p + at, n))) {
            (void)snprintf(words, sizeof words, "line %u is no report of waxwing check --json", number);
            ww_subcommand_complain("check", path, words);
            return WW_EXIT_DATA;
        }
        at += n + 1;
    }
    return WW_EXIT_OK;
}

int ww_check_against_read(const char *path, json_t **out)
{
    struct ww_input input;
    *out = json_object();
    int status = ww_input_read(path, FILE_OCTETS, &input);
    if (status != WW_EXIT_OK)
        return status;
    status = take_all(*out, path, &input);
    ww_input_free(&input);
    return status;
}
