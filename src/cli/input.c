#include "cli/input.h"

#include "cli/cli.h"
#include "cli/show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *path, int error)
{
    (void)fputs("waxwing: ", stderr);
    ww_show_safely(stderr, path, strlen(path));
    (void)fprintf(stderr, ": %s\n", strerror(error));
    return error == ENOMEM ? WW_EXIT_INTERNAL : WW_EXIT_NO_INPUT;
}

int ww_input_read(const char *path, size_t limit, struct ww_input *input)
{
    bool standard = path == NULL || strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    FILE *f = standard ? stdin : fopen(path, "rbe");
    input->n = 0;
    input->p = NULL;
    if (f == NULL)
        return complain(name, errno);
    int error = 0;
    input->p = malloc(limit);
    if (input->p == NULL) {
        error = ENOMEM;
    } else {
        input->n = fread(input->p, 1, limit, f);
        error = ferror(f) ? errno : 0;
    }
    if (!standard)
        (void)fclose(f);
    if (error == 0)
        return WW_EXIT_OK;
    ww_input_free(input);
    return complain(name, error);
}

void ww_input_free(struct ww_input *input)
{
    free(input->p);
    input->p = NULL;
    input->n = 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

struct ww_slice ww_input_trim(struct ww_slice s)
{
    while (s.n > 0 && is_blank(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}
