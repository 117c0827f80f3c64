/*
 * The one error enum of the house, and its one table (err_table.h).
 *
 * An error says which rule was broken. Where it was broken (an offset) travels beside it, and outcomes
 * that are no errors (absent, temporary failure) have enums of their own where they occur.
 */
#ifndef WW_BASE_ERR_H
#define WW_BASE_ERR_H

enum ww_err {
#define WW_ERR(name, id, message, source) WW_E_##name,
#include "base/err_table.h"
#undef WW_ERR
    WW_ERR_COUNT
};

/* No error. The first row of the table, so that it is zero. */
#define WW_OK WW_E_NONE

#define WW_MUST_CHECK __attribute__((warn_unused_result))

/* Stable, machine-readable name, such as "sts-id-missing"; also the id of the lint finding. Never NULL. */
const char *ww_err_id(enum ww_err e);

/* One English sentence without a full stop. Never NULL. */
const char *ww_err_message(enum ww_err e);

/* The rule's source, such as "RFC 8461 section 3.1"; empty when there is none. Never NULL. */
const char *ww_err_source(enum ww_err e);

#endif
