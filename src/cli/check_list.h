/* `waxwing check --list`: the table of all checks, by area. */
#ifndef WW_CLI_CHECK_LIST_H
#define WW_CLI_CHECK_LIST_H

/* Each prints to standard output and returns the exit status. */
int ww_check_list_table(void);
int ww_check_list_array(void);
/* docs/checks.md, whole. */
int ww_check_list_markdown(void);

#endif
