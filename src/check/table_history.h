/* What shows only beside what was seen before: a watched domain. Included by check_table.h. */
