/* Writes the list that make has made, and its signature. */
#include "cli/cli.h"
#include "cli/preload.h"
#include "cli/replace.h"
#include "cli/subcommands.h"
#include "codec/preload_json.h"
#include "sign/openpgp.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND "preload make"

/* Whoever runs a daemon has to be able to read it. */
#define LIST_MODE 0644

static int complain(const struct ww_preload_order *order, enum ww_err err)
{
    ww_subcommand_complain(COMMAND, order->output, ww_err_message(err));
    return WW_EXIT_INTERNAL;
}

/* The content borrows from `all` and from the two arrays, which have room for all. */
static void gather(const struct ww_preload_findings *all, struct ww_preload_name *names,
                   struct ww_preload_policy *policies, struct ww_preload_content *content)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct ww_preload_finding *f = &all->found[i];
        if (!f->taken)
            continue;
        size_t n = content->count++;
        names[n] = (struct ww_preload_name){.domain = ww_slice_str(f->domain), .policy = (uint32_t)n};
        policies[n] = (struct ww_preload_policy){.mode = WW_MODE_ENFORCE,
                                                 .alias = ww_slice("", 0),
                                                 .mx = ww_slice(f->mx, f->mx_n),
                                                 .mx_count = f->mx_count};
    }
    content->names = names;
    content->policies = policies;
    content->policy_count = content->count;
}

static char *write_text(const struct ww_preload_content *content, size_t *n, enum ww_err *err)
{
    struct ww_preload list;
    size_t image_n = ww_preload_size(content);
    char *image = malloc(image_n);
    struct ww_buf b = ww_buf(image, image != NULL ? image_n : 0);
    char *text = NULL;
    ww_preload_write(content, &b);
    *err = b.failed ? WW_E_NO_MEMORY : ww_preload_open(image, b.n, &list);
    if (*err == WW_OK)
        text = ww_preload_json_write(&list, n);
    if (*err == WW_OK && text == NULL)
        *err = WW_E_NO_MEMORY;
    if (*err == WW_OK && *n > WW_PRELOAD_JSON_MAX)
        *err = WW_E_TOO_LONG;
    free(image);
    return text;
}

static char *make_text(const struct ww_preload_findings *all, const struct ww_preload_order *order, size_t *n,
                       enum ww_err *err)
{
    struct ww_preload_name *names = calloc(all->count + 1, sizeof *names);
    struct ww_preload_policy *policies = calloc(all->count + 1, sizeof *policies);
    struct ww_preload_content content = {
        .timestamp = order->now,
        .expires = order->expires,
        .author = ww_slice_str(order->author != NULL ? order->author : ""),
    };
    char *text = NULL;
    *err = WW_E_NO_MEMORY;
    if (names != NULL && policies != NULL) {
        gather(all, names, policies, &content);
        text = write_text(&content, n, err);
    }
    free(names);
    free(policies);
    return text;
}

/* Both are on the disk before one is put in its place: a fetch between the two fails, and is tried again. */
static int replace(const struct ww_preload_order *order, struct ww_slice text, struct ww_slice signature,
                   const char *signature_path)
{
    struct ww_replace list, beside;
    int status = ww_replace_open(&list, COMMAND, order->output, LIST_MODE);
    if (status != WW_EXIT_OK)
        return status;
    (void)fwrite(text.p, 1, text.n, list.to);
    status = ww_replace_sync(&list);
    if (status == WW_EXIT_OK && signature.n > 0) {
        status = ww_replace_open(&beside, COMMAND, signature_path, LIST_MODE);
        if (status == WW_EXIT_OK) {
            (void)fwrite(signature.p, 1, signature.n, beside.to);
            status = ww_replace_close(&beside, status);
        }
    }
    return ww_replace_close(&list, status);
}

static int sign(const struct ww_preload_order *order, struct ww_slice text, char **signature, size_t *n)
{
    char why[WW_OPENPGP_WHY_SIZE] = "";
    enum ww_err err = ww_openpgp_sign(order->key, text, signature, n, why);
    if (err == WW_OK)
        return WW_EXIT_OK;
    ww_subcommand_complain(COMMAND, order->key, ww_err_message(err));
    if (why[0] != '\0')
        ww_subcommand_complain(COMMAND, order->key, why);
    return WW_EXIT_INTERNAL;
}

int ww_preload_publish(const struct ww_preload_findings *all, const struct ww_preload_order *order)
{
    size_t n = 0, signature_n = 0;
    char *signature = NULL, *path = NULL;
    enum ww_err err;
    char *text = make_text(all, order, &n, &err);
    int status = err == WW_OK ? WW_EXIT_OK : complain(order, err);
    if (status == WW_EXIT_OK && order->key != NULL)
        status = sign(order, ww_slice(text, n), &signature, &signature_n);
    if (status == WW_EXIT_OK && asprintf(&path, "%s.asc", order->output) < 0)
        status = complain(order, WW_E_NO_MEMORY);
    if (status == WW_EXIT_OK)
        status = replace(order, ww_slice(text, n), ww_slice(signature, signature_n), path);
    free(path);
    free(signature);
    free(text);
    return status;
}
