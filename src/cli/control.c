#include "cli/control.h"

#include "cli/dial.h"
#include "cli/load.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/clock.h"
#include "daemon/control.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From one object to the next. A refresh takes as long as its flight. */
#define PATIENCE_MS 120000

bool ww_control_take_option(struct ww_control_options *o, int option, const char *argument)
{
    if (option == 'j')
        o->json = true;
    else if (option == 'c')
        o->config_path = argument;
    else if (option == 's')
        o->socket = argument;
    return option == 'j' || option == 'c' || option == 's';
}

static const char *take(void *ctx, int option, const char *value)
{
    return ww_control_take_option(ctx, option, value) ? NULL : WW_NO_SUCH_OPTION;
}

int ww_control_read_options(int argc, char **argv, struct ww_control_options *o, const char *usage,
                            const char *help)
{
    static const struct option known[] = {WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    const struct ww_subcommand_options options = {o->command, usage, help, known, take};
    return ww_subcommand_read(&options, argc, argv, o);
}

const char *ww_control_user(void)
{
    const char *sudo = geteuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *pw = getpwuid(getuid());
    if (sudo != NULL && sudo[0] != '\0')
        return sudo;
    return pw != NULL ? pw->pw_name : NULL;
}

void ww_control_print_json(void *ctx, const json_t *item)
{
    (void)ctx;
    /* A policy may hold what steers a terminal: such characters are written as escapes, as all beyond ASCII.
     */
    if (json_dumpf(item, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)putchar('\n');
}

static int fail_to_connect(const struct ww_control_options *o, const char *address)
{
    int fault = errno;
    (void)fprintf(stderr, "waxwing %s: %s: %s\n", o->command, address, strerror(fault));
    if (fault == EACCES)
        (void)fputs("Only the user that waxwingd runs as, and root, may ask it this: try it with sudo.\n",
                    stderr);
    else if ((fault == ENOENT || fault == ECONNREFUSED) && geteuid() != 0 && o->socket == NULL)
        (void)fputs(
            "No waxwingd of yours runs there. If root has started it, ask as root; if it has another\n"
            "configuration, name that with --config.\n",
            stderr);
    else if (fault == ENOENT || fault == ECONNREFUSED)
        (void)fputs("No waxwingd runs there: start it, or name its configuration with --config.\n", stderr);
    else if (fault == EINVAL)
        (void)fputs("An address such as unix:/var/lib/waxwing/control is wanted.\n", stderr);
    return fault == EINVAL ? WW_EXIT_USAGE : WW_EXIT_TEMPORARY;
}

static void show(const char *text)
{
    ww_show_safely(stderr, text, strlen(text));
}

static int end_of_answer(const struct ww_control_options *o, const json_t *end)
{
    const json_t *error = json_object_get(end, "error");
    const char *message = json_string_value(json_object_get(error, "message"));
    const char *detail = json_string_value(json_object_get(error, "detail"));
    const char *id = json_string_value(json_object_get(error, "id"));
    if (json_is_null(error))
        return WW_EXIT_OK;
    if (o->unknown != NULL && id != NULL && strcmp(id, ww_err_id(WW_E_NOT_KNOWN)) == 0)
        message = o->unknown;
    (void)fprintf(stderr, "waxwing %s: ", o->command);
    if (o->about != NULL) {
        show(o->about);
        (void)fputs(": ", stderr);
    }
    show(message != NULL ? message : "the daemon says no more than that it failed");
    if (detail != NULL) {
        (void)fputs(": ", stderr);
        show(detail);
    }
    (void)fputc('\n', stderr);
    return WW_EXIT_NOT;
}

/* -1: more follows. */
static int take_object(const struct ww_control_options *o, struct ww_slice payload, ww_control_item_cb *cb,
                       void *ctx)
{
    int status = -1;
    json_t *object = json_loadb(payload.p, payload.n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(object)) {
        (void)fprintf(stderr, "waxwing %s: the daemon's answer is no JSON object\n", o->command);
        status = WW_EXIT_TEMPORARY;
    } else if (json_is_true(json_object_get(object, "end"))) {
        status = end_of_answer(o, object);
    } else {
        cb(ctx, object);
        if (o->enough != NULL && *o->enough)
            status = WW_EXIT_OK;
    }
    json_decref(object);
    return status;
}

static int converse(const struct ww_control_options *o, struct ww_dial *dial, const char *request,
                    ww_control_item_cb *cb, void *ctx)
{
    int status = -1;
    bool good = ww_dial_send(dial, ww_slice_str(request), ww_clock_ms() + PATIENCE_MS);
    while (good && status < 0) {
        struct ww_slice payload;
        good = ww_dial_receive(dial, &payload, ww_clock_ms() + PATIENCE_MS);
        if (good)
            status = take_object(o, payload, cb, ctx);
    }
    if (good)
        return status;
    (void)fprintf(stderr, "waxwing %s: the daemon's answer: %s\n", o->command, strerror(errno));
    return WW_EXIT_TEMPORARY;
}

static int call(const struct ww_control_options *o, const char *address, const char *request,
                ww_control_item_cb *cb, void *ctx)
{
    struct ww_dial dial;
    if (!ww_dial_open(&dial, address, WW_CONTROL_MESSAGE_MAX, ww_clock_ms() + PATIENCE_MS))
        return fail_to_connect(o, address);
    int status = converse(o, &dial, request, cb, ctx);
    ww_dial_close(&dial);
    return status;
}

int ww_control_call(const struct ww_control_options *o, const char *command, json_t *request,
                    ww_control_item_cb *cb, void *ctx)
{
    struct ww_config *config = NULL;
    int status = o->socket != NULL ? WW_EXIT_OK : ww_cli_load_config(o->command, o->config_path, &config);
    (void)signal(SIGPIPE, SIG_IGN);
    char *text = NULL;
    if (request != NULL && json_object_set_new(request, "waxwing", json_integer(WW_CONTROL_VERSION)) == 0 &&
        json_object_set_new(request, "command", json_string(command)) == 0)
        text = json_dumps(request, JSON_COMPACT);
    if (status == WW_EXIT_OK && text == NULL) {
        (void)fprintf(stderr, "waxwing %s: out of memory\n", o->command);
        status = WW_EXIT_INTERNAL;
    }
    if (status == WW_EXIT_OK)
        status = call(o, o->socket != NULL ? o->socket : config->control, text, cb, ctx);
    free(text);
    json_decref(request);
    ww_config_free(config);
    return status;
}
