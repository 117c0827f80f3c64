divert(-1)
dnl # Sendmail obeys MTA-STS as Waxwing says. Include this in Debian's sendmail.mc, above the MAILER lines; see
dnl # docs/sendmail.md. To ask elsewhere than at the usual port, put above that line, for instance
dnl #
dnl #   define(`WAXWING_SOCKET', `unix:/run/waxwing/socketmap')dnl
dnl #
dnl # It is FEATURE(sts) with another check of names in place of its own, and with what its rule sets leave open
dnl # closed. They ask `sts DOMAIN` and `stsmx HOST@DOMAIN`: src/core/sendmail.h has the answers.
ifdef(`WAXWING_SOCKET', `', `define(`WAXWING_SOCKET', `inet:8461@127.0.0.1')')
dnl # Without authorities every certificate is an unknown one.
ifdef(`confCACERT', `', `define(`confCACERT', `/etc/ssl/certs/ca-certificates.crt')')
ifdef(`confCACERT_PATH', `', `define(`confCACERT_PATH', `/etc/ssl/certs')')
dnl # The names of a certificate are kept of the last handshake alone: more open connections than one would share them.
define(`confMCI_CACHE_SIZE', `1')
define(`_LOCAL_TLS_SERVER_')
define(`_LOCAL_TLS_RCPT_')
FEATURE(`sts', `socket -d10 -T<TMPF> 'WAXWING_SOCKET, `NO_SAN_TST')
divert(-1)
LOCAL_CONFIG
O SetCertAltnames=true
Kstsmx socket -d10 -T<TMPF> WAXWING_SOCKET
divert(9)
######################################################################
###  Waxwing
######################################################################

# The certificate is valid, and for this MX host: under its name, or under one whose first label is an asterisk.
SSTS_SAN
R$*			$: $>"TLS_connection" $&{verify} $| <TEMP+VERIFY:128>
R$#$*			$#$1
R$*			$: $&{server_name}
R$={cert_altnames}	$@ ok
R$-.$-.$+		$: *.$2.$3
R$={cert_altnames}	$@ ok
R$*			$#error $@ 4.7.0 $: 450 certificate is not for $&{server_name}

# What Waxwing says of this MX host for the recipient: none, encrypt, secure, or an error. Whatever else an answer is, it
# is no leave to deliver: nothing at all, or what is too long for the buffers, which ends the rules in their midst.
SWaxwing_ask
R$*			$: <$&{rcpt_addr}>
R<>			$@ none
R<$*@$+>		<$2>
R<$+.>			<$1>
R<$+>			$: $1 $| $(stsmx $&{server_name}@$1 $: other $)
R$* $| $* <TMPF>	$#error $@ 4.7.0 $: 450 no answer from Waxwing for $1
R$* $| none		$@ none
R$* $| encrypt		$@ encrypt
R$* $| secure		$@ secure
R$* $| other		$#error $@ 4.7.0 $: 450 $&{server_name} is not among the MX hosts of the policy of $1

SWaxwing_check
R$*			$: $>"Waxwing_ask"
R$#$*			$#$1
Rnone			$@ ok
Rencrypt		$: encrypt <$&{verify}>
Rencrypt <NONE>		$#error $@ 4.7.0 $: 403 other side does not support STARTTLS
Rencrypt <$*>		$@ $>"TLS_connection" $1 $| <TEMP+ENCR:128>
Rsecure			$@ $>"STS_SAN"
R$*			$#error $@ 4.7.0 $: 450 puzzling answer from Waxwing

# A connection is made for the first of several recipients, and used for further messages. So each recipient is looked
# at by himself: refused here, he would take all others along. Without {rcpt_addr} the shipped rules have nothing to do.
SLocal_tls_server
R$*			$@ ok $(macro {rcpt_addr} $@ $)

SLocal_tls_rcpt
R$*			$: $>"Waxwing_check"
R$#$*			$#$1
R$*			$@ ok $(macro {rcpt_addr} $@ $)
divert(0)dnl
