#include "codec/json_read.h"

#include "core/words.h"

#include <stdio.h>

void ww_json_fail(struct ww_json_read *r, const char *key, const char *words)
{
    if (r->failed)
        return;
    r->failed = true;
    struct ww_buf b = ww_buf(r->why, sizeof r->why - 1);
    const char *dot = r->n > 0 && key != NULL ? "." : "";
    ww_words_put_cut(&b, ww_slice(r->place, r->n));
    ww_words_put_cut(&b, ww_slice_str(dot));
    ww_words_put_cut(&b, ww_slice_str(key != NULL ? key : ""));
    ww_words_put_cut(&b, ww_slice_str(b.n > 0 ? ": " : ""));
    ww_words_put_cut(&b, ww_slice_str(words));
    r->why[b.n] = '\0';
}

/* Keys come from our own code, so they fit. */
static size_t step(struct ww_json_read *r, const char *dot, const char *key, const char *index)
{
    size_t mark = r->n;
    int n = snprintf(r->place + r->n, sizeof r->place - r->n, "%s%s%s", dot, key, index);
    r->n += n > 0 && (size_t)n < sizeof r->place - r->n ? (size_t)n : 0;
    return mark;
}

size_t ww_json_enter(struct ww_json_read *r, const char *key)
{
    return step(r, r->n > 0 ? "." : "", key, "");
}

size_t ww_json_enter_at(struct ww_json_read *r, size_t index)
{
    char text[32];
    (void)snprintf(text, sizeof text, "[%zu]", index);
    return step(r, "", "", text);
}

void ww_json_leave(struct ww_json_read *r, size_t mark)
{
    r->n = mark;
}

/* NULL when it is left out, null, or of another type. */
static const json_t *member(struct ww_json_read *r, const json_t *object, const char *key,
                            bool wanted(const json_t *), const char *words)
{
    const json_t *value = json_object_get(object, key);
    if (r->failed || value == NULL || json_is_null(value))
        return NULL;
    if (wanted(value))
        return value;
    ww_json_fail(r, key, words);
    return NULL;
}

/* Jansson has macros for these. */
static bool is_object(const json_t *v)
{
    return json_is_object(v);
}

static bool is_array(const json_t *v)
{
    return json_is_array(v);
}

static bool is_bool(const json_t *v)
{
    return json_is_boolean(v);
}

static bool is_integer(const json_t *v)
{
    return json_is_integer(v);
}

static bool is_text(const json_t *v)
{
    return json_is_string(v);
}

static struct ww_slice text_of(const json_t *v)
{
    return v != NULL ? ww_slice(json_string_value(v), json_string_length(v)) : ww_slice("", 0);
}

const json_t *ww_json_object(struct ww_json_read *r, const json_t *object, const char *key)
{
    return member(r, object, key, is_object, "an object is wanted");
}

const json_t *ww_json_array(struct ww_json_read *r, const json_t *object, const char *key)
{
    return member(r, object, key, is_array, "an array is wanted");
}

bool ww_json_bool(struct ww_json_read *r, const json_t *object, const char *key, bool missing)
{
    const json_t *v = member(r, object, key, is_bool, "true or false is wanted");
    return v != NULL ? json_is_true(v) : missing;
}

json_int_t ww_json_integer(struct ww_json_read *r, const json_t *object, const char *key, json_int_t missing)
{
    const json_t *v = member(r, object, key, is_integer, "an integer is wanted");
    return v != NULL ? json_integer_value(v) : missing;
}

struct ww_slice ww_json_text(struct ww_json_read *r, const json_t *object, const char *key)
{
    return text_of(member(r, object, key, is_text, "a string is wanted"));
}

static void fail_word(struct ww_json_read *r, const char *key, const char *const *words)
{
    char text[WW_JSON_READ_WHY_SIZE];
    struct ww_buf b = ww_buf(text, sizeof text - 1);
    ww_buf_str(&b, "one of these is wanted: ");
    for (size_t i = 0; words[i] != NULL; i++) {
        ww_buf_str(&b, i > 0 ? ", " : "");
        ww_buf_str(&b, words[i]);
    }
    text[b.n] = '\0';
    ww_json_fail(r, key, text);
}

size_t ww_json_word(struct ww_json_read *r, const json_t *object, const char *key, const char *const *words,
                    size_t missing)
{
    const json_t *v = member(r, object, key, is_text, "a string is wanted");
    if (v == NULL)
        return missing;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (ww_slice_is(text_of(v), words[i]))
            return i;
    }
    fail_word(r, key, words);
    return missing;
}

struct ww_slice ww_json_text_at(struct ww_json_read *r, const json_t *array, size_t index)
{
    const json_t *v = json_array_get(array, index);
    if (is_text(v))
        return text_of(v);
    size_t mark = ww_json_enter_at(r, index);
    ww_json_fail(r, NULL, "a string is wanted");
    ww_json_leave(r, mark);
    return text_of(NULL);
}
