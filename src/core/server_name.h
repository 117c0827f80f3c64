/*
 * Which of many hosts a stranger wants: as the first message of a TLS handshake names it, and as the head of
 * an HTTP request does.
 */
#ifndef WW_CORE_SERVER_NAME_H
#define WW_CORE_SERVER_NAME_H

#include "core/dname.h"

/*
 * The value of a Host header, or what stands for it in a target (RFC 9110 section 7.2): a name, with or
 * without root dot and port. Gives the canonical name. False: it is none, such as an address.
 */
WW_MUST_CHECK bool ww_server_name_of_host(struct ww_slice value, char out[WW_DNAME_SIZE]);

/*
 * The octets of a server_name extension (RFC 6066 section 3): one host name, which is given in canonical
 * form. False: it is malformed, or names none.
 */
WW_MUST_CHECK bool ww_server_name_of_hello(struct ww_slice extension, char out[WW_DNAME_SIZE]);

/* Whether the octets of an application_layer_protocol_negotiation extension (RFC 7301 section 3.1), well
 * formed, offer this protocol and no other. */
WW_MUST_CHECK bool ww_server_name_offers_alone(struct ww_slice extension, const char *protocol);

#endif
