#include "lib/lib.h"

#include <stdlib.h>

struct waxwing_error {
    enum ww_err err;
};

static const struct waxwing_error errors[WW_ERR_COUNT] = {
#define WW_ERR(name, id, message, source) {WW_E_##name},
#include "base/err_table.h"
#undef WW_ERR
};

const struct waxwing_error *ww_lib_error(enum ww_err err)
{
    return err == WW_OK ? NULL : &errors[err];
}

static enum ww_err err_of(const struct waxwing_error *error)
{
    return error != NULL ? error->err : WW_OK;
}

const char *waxwing_error_id(const struct waxwing_error *error)
{
    return ww_err_id(err_of(error));
}

const char *waxwing_error_message(const struct waxwing_error *error)
{
    return ww_err_message(err_of(error));
}

const char *waxwing_error_source(const struct waxwing_error *error)
{
    return ww_err_source(err_of(error));
}

const char *waxwing_version(void)
{
    return WW_VERSION;
}

void ww_lib_set_offset(size_t *offset, size_t at)
{
    if (offset != NULL)
        *offset = at;
}

bool ww_lib_take(void *ours, size_t room, const void *theirs)
{
    size_t size;
    if (theirs == NULL)
        return false;
    memcpy(&size, theirs, sizeof size);
    if (size < sizeof size)
        return false;
    for (size_t i = room; i < size; i++) {
        if (((const char *)theirs)[i] != 0)
            return false;
    }
    memset(ours, 0, room);
    memcpy(ours, theirs, size < room ? size : room);
    return true;
}

const struct ww_slice *ww_lib_slices(const struct waxwing_octets *records, size_t count,
                                     struct ww_slice **room)
{
    *room = calloc(count + 1, sizeof **room);
    for (size_t i = 0; *room != NULL && i < count; i++)
        (*room)[i] = ww_slice(records[i].data, records[i].length);
    return *room;
}
