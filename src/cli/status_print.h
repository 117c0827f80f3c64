/* How `waxwing status` shows what the daemon tells. */
#ifndef WW_CLI_STATUS_PRINT_H
#define WW_CLI_STATUS_PRINT_H

#include <jansson.h>
#include <stdbool.h>

/* With colour where standard output is a terminal that has it. */
void ww_status_print(const json_t *status);

#endif
