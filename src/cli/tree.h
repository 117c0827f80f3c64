/*
 * A tree on a stream: what was found, in branches, each with the section of the rule that it was read by. On
 * a terminal it is laid out to its width, with colour, and with box-drawing characters where the locale has
 * them; anywhere else each text stands on one line of its own, in ASCII.
 *
 * A node is a JSON object; all its keys are optional:
 *
 *   head      "MX example.com"
 *   note      "1 host, secure, TTL 300": behind the head, coloured
 *   state     "ok" (green), "bad" (red), "mind" (yellow), "faint"; the note's colour
 *   lines     texts below it
 *   section   "RFC 8461 section 3.1"
 *   children  nodes
 *
 * Texts may come from elsewhere: what is not printable ASCII is written as a question mark.
 */
#ifndef WW_CLI_TREE_H
#define WW_CLI_TREE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct ww_tree_style {
    unsigned width; /* columns; 0: nothing is wrapped */
    bool boxes;     /* draw with characters of Unicode, in UTF-8 */
    bool colour;
};

/* What suits the stream. */
struct ww_tree_style ww_tree_style(FILE *to);

void ww_tree_draw(FILE *to, const json_t *root, const struct ww_tree_style *style);

#endif
