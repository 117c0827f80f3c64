/* The TLSRPT record and where its reports go. Included by check_table.h. */
