#include "cli/check_files.h"

#include "cli/check_output.h"
#include "cli/cli.h"
#include "cli/replace.h"
#include "cli/subcommands.h"

#include <stdlib.h>
#include <sys/stat.h>

#define MODE 0644

/* A device or a pipe is not replaced by a file. */
static int try_file(const char *path)
{
    struct stat st;
    struct ww_replace file;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        ww_subcommand_complain("check", path, "it is no file");
        return WW_EXIT_USAGE;
    }
    int status = ww_replace_open(&file, "check", path, MODE);
    if (status == WW_EXIT_OK)
        (void)ww_replace_close(&file, WW_EXIT_INTERNAL); /* which drops it */
    return status;
}

static int begin(struct ww_check_text *text)
{
    text->to = open_memstream(&text->p, &text->n);
    if (text->to != NULL)
        return WW_EXIT_OK;
    ww_subcommand_complain("check", "report", "out of memory");
    return WW_EXIT_INTERNAL;
}

int ww_check_files_open(struct ww_check_files *files, const struct ww_check_options *options)
{
    int status = WW_EXIT_OK;
    *files = (struct ww_check_files){.options = options};
    if (options->html != NULL)
        status = try_file(options->html);
    if (status == WW_EXIT_OK && options->junit != NULL)
        status = try_file(options->junit);
    if (status == WW_EXIT_OK && options->html != NULL)
        status = begin(&files->rows);
    if (status == WW_EXIT_OK && options->html != NULL)
        status = begin(&files->html);
    if (status == WW_EXIT_OK && options->junit != NULL)
        status = begin(&files->junit);
    if (files->junit.to != NULL)
        ww_check_junit_begin(files->junit.to);
    return status;
}

void ww_check_files_add(struct ww_check_files *files, const char *domain, const json_t *report,
                        const char *why)
{
    if (files->html.to != NULL) {
        ww_check_html_row(files->rows.to, domain, report);
        ww_check_html_domain(files->html.to, domain, report, why);
    }
    if (files->junit.to != NULL)
        ww_check_junit_domain(files->junit.to, files->options, domain, report, why);
}

/* False: memory was short. */
static bool end(struct ww_check_text *text)
{
    bool good = fflush(text->to) == 0 && ferror(text->to) == 0;
    good = fclose(text->to) == 0 && good;
    text->to = NULL;
    return good;
}

static int write_html(struct ww_check_files *files, const char *only, size_t domains)
{
    char title[512];
    struct ww_replace file;
    bool whole = end(&files->rows);
    whole = end(&files->html) && whole;
    int status = ww_replace_open(&file, "check", files->options->html, MODE);
    if (status != WW_EXIT_OK)
        return status;
    if (only != NULL)
        (void)snprintf(title, sizeof title, "Mail transport security of %s", only);
    else
        (void)snprintf(title, sizeof title, "Mail transport security of %zu domains", domains);
    ww_check_html_begin(file.to, title, only == NULL ? files->rows.p : "");
    (void)fwrite(files->html.p, 1, files->html.n, file.to);
    ww_check_html_end(file.to);
    if (!whole)
        ww_subcommand_complain("check", files->options->html, "out of memory");
    return ww_replace_close(&file, whole ? WW_EXIT_OK : WW_EXIT_INTERNAL);
}

static int write_junit(struct ww_check_files *files)
{
    struct ww_replace file;
    ww_check_junit_end(files->junit.to);
    bool whole = end(&files->junit);
    int status = ww_replace_open(&file, "check", files->options->junit, MODE);
    if (status != WW_EXIT_OK)
        return status;
    (void)fwrite(files->junit.p, 1, files->junit.n, file.to);
    if (!whole)
        ww_subcommand_complain("check", files->options->junit, "out of memory");
    return ww_replace_close(&file, whole ? WW_EXIT_OK : WW_EXIT_INTERNAL);
}

int ww_check_files_write(struct ww_check_files *files, const char *only, size_t domains)
{
    int status = files->html.to != NULL ? write_html(files, only, domains) : WW_EXIT_OK;
    int other = files->junit.to != NULL ? write_junit(files) : WW_EXIT_OK;
    return status != WW_EXIT_OK ? status : other;
}

static void text_free(struct ww_check_text *text)
{
    if (text->to != NULL)
        (void)fclose(text->to);
    free(text->p);
    *text = (struct ww_check_text){.to = NULL};
}

void ww_check_files_free(struct ww_check_files *files)
{
    text_free(&files->rows);
    text_free(&files->html);
    text_free(&files->junit);
}
