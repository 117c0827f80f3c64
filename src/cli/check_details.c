/*
 * All that was seen, as a tree. The parts of a report are the business of those who looked
 * (check/NAME_json.c): each member is shown under its own name, so that nothing that is told there is missing
 * here.
 */
#include "base/buf.h"
#include "cli/check_print.h"
#include "cli/check_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deeper members, and longer texts, are not shown. */
#define DEPTH_MAX 9
#define TEXT_MAX 2000

/* Members of a list that are no longer than this together stand in a row; so do members of an object, each of
 * which is no longer than the other. */
#define ROW_MAX 72
#define WORD_MAX 60
#define ROW_SIZE 600

static json_t *node_of(const char *head, json_t *value, unsigned depth);

/* A copy, cut; JSON's strings are UTF-8, so a character is not cut in two. */
static json_t *cut(const char *text)
{
    size_t n = strnlen(text, TEXT_MAX);
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return json_stringn(text, n);
}

/* NULL: it is no scalar, or null. */
static json_t *words_of(const json_t *value)
{
    char number[32];
    if (json_is_string(value))
        return cut(json_string_value(value));
    if (json_is_boolean(value))
        return json_string(json_is_true(value) ? "yes" : "no");
    if (!json_is_number(value))
        return NULL;
    if (json_is_integer(value))
        (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        (void)snprintf(number, sizeof number, "%.3f", json_real_value(value));
    return json_string(number);
}

/* "not_after" → "not after". */
static void add_head(json_t *node, const char *key)
{
    json_t *words = cut(key);
    char *copy = words != NULL ? strdup(json_string_value(words)) : NULL;
    json_decref(words);
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
    if (copy != NULL)
        (void)json_object_set_new(node, "head", json_string(copy));
    free(copy);
}

static void add_child(json_t *node, json_t *child)
{
    json_t *children = json_object_get(node, "children");
    if (child == NULL)
        return;
    if (children == NULL) {
        children = json_array();
        (void)json_object_set_new(node, "children", children);
    }
    (void)json_array_append_new(children, child);
}

/* The text's lines below the node, or behind it where there is only one. */
static void add_text(json_t *node, json_t *words)
{
    const char *text = json_string_value(words);
    if (text == NULL || strchr(text, '\n') == NULL) {
        (void)json_object_set_new(node, "note", words);
        return;
    }
    json_t *lines = json_array();
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        bool has_cr = n > 0 && text[n - 1] == '\r';
        (void)json_array_append_new(lines, json_stringn(text, n - (has_cr ? 1 : 0)));
        text += n + (text[n] == '\n' ? 1 : 0);
    }
    (void)json_object_set_new(node, "lines", lines);
    json_decref(words);
}

static bool is_row(const json_t *list)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        if (json_is_object(value) || json_is_array(value))
            return false;
        n += json_is_string(value) ? json_string_length(value) + 2 : 8;
    }
    return n <= ROW_MAX;
}

static void add_row(json_t *node, const json_t *list)
{
    char row[ROW_MAX * 2] = "";
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *words = words_of(json_array_get(list, i));
        if (words != NULL && n < sizeof row)
            n += (size_t)snprintf(row + n, sizeof row - n, "%s%s", n > 0 ? ", " : "",
                                  json_string_value(words));
        json_decref(words);
    }
    (void)json_object_set_new(node, "note", json_string(n > 0 ? row : "none"));
}

/* What a member of a list is called by; *key: not to be told once more. */
static const char *name_of(const json_t *value, const char **key)
{
    static const char *const keys[] = {"name", "host", "address", "zone", "server", "uri", "version"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        *key = keys[i];
        const char *name = json_string_value(json_object_get(value, keys[i]));
        if (name != NULL)
            return name;
    }
    *key = "";
    return "";
}

/* What is of interest only where it is so. */
static bool is_quiet(const char *key, const json_t *value)
{
    if (json_is_array(value))
        return json_array_size(value) == 0;
    return json_is_null(value) ||
           (json_is_false(value) && (strcmp(key, "late") == 0 || strncmp(key, "more", 4) == 0));
}

/* "dnssec secure", "authoritative", "not authoritative", a name as it is. False: it does not belong in a row,
 * or there is no room left. */
static bool put_in_row(struct ww_buf *row, const char *key, const json_t *value)
{
    json_t *words = json_is_boolean(value) ? NULL : words_of(value);
    const char *text = words != NULL ? json_string_value(words) : "";
    size_t before = row->n;
    bool fits = (json_is_boolean(value) || words != NULL) && strlen(text) <= WORD_MAX &&
                strchr(text, '\n') == NULL && strlen(key) <= WORD_MAX;
    if (fits && before > 0)
        ww_buf_str(row, ", ");
    if (fits && json_is_false(value))
        ww_buf_str(row, "not ");
    if (fits && strcmp(key, "name") != 0)
        for (const char *c = key; *c != '\0'; c++)
            ww_buf_char(row, *c == '_' ? ' ' : *c);
    if (fits && text[0] != '\0' && strcmp(key, "name") != 0)
        ww_buf_char(row, ' ');
    if (fits)
        ww_buf_str(row, text);
    json_decref(words);
    if (!row->failed)
        return fits;
    row->n = before;
    row->failed = false;
    return false;
}

/* Short members stand in a row behind the head, the others below it.
 * NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static void add_members(json_t *node, json_t *object, const char *but, unsigned depth)
{
    char room[ROW_SIZE];
    struct ww_buf row = ww_buf(room, sizeof room);
    size_t count = 0;
    for (void *at = json_object_iter(object); at != NULL && count < WW_VIEW_LIST_MAX;
         at = json_object_iter_next(object, at), count++) {
        const char *key = json_object_iter_key(at);
        json_t *value = json_object_iter_value(at);
        if (strcmp(key, but) != 0 && !is_quiet(key, value) && !put_in_row(&row, key, value))
            add_child(node, node_of(key, value, depth));
    }
    if (row.n > 0)
        (void)json_object_set_new(node, "note", json_stringn(row.p, row.n));
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static void add_list(json_t *node, json_t *list, unsigned depth)
{
    if (is_row(list)) {
        add_row(node, list);
        return;
    }
    for (size_t i = 0; i < json_array_size(list) && i < WW_VIEW_LIST_MAX; i++) {
        json_t *value = json_array_get(list, i);
        const char *key;
        const char *name = name_of(value, &key);
        if (!json_is_object(value)) {
            add_child(node, node_of("", value, depth));
            continue;
        }
        json_t *member = json_object();
        (void)json_object_set_new(member, "head", cut(name));
        add_members(member, value, key, depth);
        add_child(node, member);
    }
}

/* An error of ours: {"id", "message", "source"}. */
static bool is_error(const json_t *value)
{
    return json_object_size(value) == 3 && ww_view_text(value, "id")[0] != '\0' &&
           ww_view_text(value, "message")[0] != '\0';
}

/* NULL: there is nothing to be shown. NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static json_t *node_of(const char *head, json_t *value, unsigned depth)
{
    if (json_is_null(value) || depth == DEPTH_MAX)
        return NULL;
    json_t *node = json_object();
    add_head(node, head);
    if (is_error(value)) {
        (void)json_object_set_new(node, "note", cut(ww_view_text(value, "message")));
        (void)json_object_set_new(node, "state", json_string("bad"));
        (void)json_object_set_new(node, "section", cut(ww_view_text(value, "source")));
    } else if (json_is_object(value)) {
        add_members(node, value, "", depth + 1);
        if (json_object_size(node) == 1) { /* all of it is of no interest */
            json_decref(node);
            return NULL;
        }
    } else if (json_is_array(value)) {
        add_list(node, value, depth + 1);
    } else {
        add_text(node, words_of(value));
    }
    return node;
}

json_t *ww_check_details(const json_t *report)
{
    static const char *const parts[][2] = {
        {"names", "DNS"},     {"host", "Policy host"},   {"policy", "Policy"},
        {"mx", "MX records"}, {"tlsrpt", "TLS reports"},
    };
    json_t *root = json_pack("{s:s}", "head", "What was seen");
    for (size_t i = 0; root != NULL && i < sizeof parts / sizeof parts[0]; i++) {
        json_t *part = json_object_get(report, parts[i][0]);
        json_t *node = part != NULL ? node_of(parts[i][1], part, 0) : NULL;
        if (node == NULL)
            node =
                json_pack("{s:s, s:s, s:s}", "head", parts[i][1], "note", "not looked at", "state", "faint");
        add_child(root, node);
    }
    return root;
}
