#include "core/site_conf.h"

#include <string.h>

bool ww_site_conf_is_folder(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/";
    size_t n = strlen(path);
    return n > 1 && n < WW_SITE_CONF_FOLDER_SIZE && strspn(path, plain) == n && path[0] == '/' &&
           path[n - 1] != '/';
}

static void put_certificate(struct ww_buf *b, const struct ww_site_conf *s, const char *file)
{
    if (s->certificates != NULL) {
        ww_buf_str(b, s->certificates);
    } else {
        ww_buf_str(b, "/etc/letsencrypt/live/");
        ww_buf_str(b, s->host);
    }
    ww_buf_char(b, '/');
    ww_buf_str(b, file);
}

/* The type is set here, since a server may call a .txt what it likes; no other path is served. */
void ww_site_conf_put_nginx(struct ww_buf *b, const struct ww_site_conf *s)
{
    ww_buf_str(b, "server {\n"
                  "    listen 443 ssl;\n"
                  "    listen [::]:443 ssl;\n"
                  "    server_name ");
    ww_buf_str(b, s->host);
    ww_buf_str(b, ";\n    ssl_certificate ");
    put_certificate(b, s, "fullchain.pem");
    ww_buf_str(b, ";\n    ssl_certificate_key ");
    put_certificate(b, s, "privkey.pem");
    ww_buf_str(b, ";\n    ssl_protocols TLSv1.2 TLSv1.3;\n"
                  "    location = /.well-known/mta-sts.txt {\n"
                  "        root ");
    ww_buf_str(b, s->root);
    ww_buf_str(b, ";\n"
                  "        types { }\n"
                  "        default_type text/plain;\n"
                  "    }\n"
                  "    location / {\n"
                  "        return 404;\n"
                  "    }\n"
                  "}\n");
}

void ww_site_conf_put_caddy(struct ww_buf *b, const struct ww_site_conf *s)
{
    ww_buf_str(b, s->host);
    ww_buf_str(b, " {\n");
    if (s->certificates != NULL) {
        ww_buf_str(b, "\ttls ");
        put_certificate(b, s, "fullchain.pem");
        ww_buf_char(b, ' ');
        put_certificate(b, s, "privkey.pem");
        ww_buf_char(b, '\n');
    }
    ww_buf_str(b, "\thandle /.well-known/mta-sts.txt {\n"
                  "\t\troot * ");
    ww_buf_str(b, s->root);
    ww_buf_str(b, "\n"
                  "\t\theader Content-Type text/plain\n"
                  "\t\tfile_server\n"
                  "\t}\n"
                  "\thandle {\n"
                  "\t\trespond 404\n"
                  "\t}\n"
                  "}\n");
}

void ww_site_conf_put_apache(struct ww_buf *b, const struct ww_site_conf *s)
{
    ww_buf_str(b, "<VirtualHost *:443>\n"
                  "    ServerName ");
    ww_buf_str(b, s->host);
    ww_buf_str(b, "\n    SSLEngine on\n    SSLCertificateFile ");
    put_certificate(b, s, "fullchain.pem");
    ww_buf_str(b, "\n    SSLCertificateKeyFile ");
    put_certificate(b, s, "privkey.pem");
    ww_buf_str(b, "\n    SSLProtocol -all +TLSv1.2 +TLSv1.3\n    DocumentRoot ");
    ww_buf_str(b, s->root);
    ww_buf_str(b, "\n    <Directory ");
    ww_buf_str(b, s->root);
    ww_buf_str(b, ">\n"
                  "        AllowOverride None\n"
                  "        Require all granted\n"
                  "    </Directory>\n"
                  "    <Files mta-sts.txt>\n"
                  "        ForceType text/plain\n"
                  "    </Files>\n"
                  "    RedirectMatch 404 \"^/(?!\\.well-known/mta-sts\\.txt$)\"\n"
                  "</VirtualHost>\n");
}
