#include "daemon/own_name.h"

#include <string.h>
#include <unistd.h>

bool ww_own_name(char out[WW_DNAME_SIZE])
{
    char name[WW_DNAME_SIZE + 1] = "";
    if (gethostname(name, sizeof name - 1) == 0 && strchr(name, '.') != NULL &&
        ww_dname_canon(name, strlen(name), out) == WW_OK)
        return true;
    out[0] = '\0';
    return false;
}
