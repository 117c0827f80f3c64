#include "base/err.h"

struct row {
    const char *id;
    const char *message;
    const char *source;
};

static const struct row rows[WW_ERR_COUNT] = {
#define WW_ERR(name, id, message, source) {id, message, source},
#include "base/err_table.h"
#undef WW_ERR
};

static const struct row *row_of(enum ww_err e)
{
    static const struct row unknown = {"unknown", "unknown error", ""};
    return (unsigned)e < WW_ERR_COUNT ? &rows[e] : &unknown;
}

const char *ww_err_id(enum ww_err e)
{
    return row_of(e)->id;
}

const char *ww_err_message(enum ww_err e)
{
    return row_of(e)->message;
}

const char *ww_err_source(enum ww_err e)
{
    return row_of(e)->source;
}
