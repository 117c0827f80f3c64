/* What the servers of a policy host are told, for one host each. */
#include "cli/generate.h"

void ww_generate_put_root(struct ww_buf *b, const struct ww_generate *g)
{
    if (g->root != NULL) {
        ww_buf_str(b, g->root);
        return;
    }
    ww_buf_str(b, "/var/www/mta-sts.");
    ww_buf_str(b, g->domain);
}

static void put_certificate(struct ww_buf *b, const struct ww_generate *g, const char *file)
{
    if (g->certificates != NULL) {
        ww_buf_str(b, g->certificates);
    } else {
        ww_buf_str(b, "/etc/letsencrypt/live/mta-sts.");
        ww_buf_str(b, g->domain);
    }
    ww_buf_char(b, '/');
    ww_buf_str(b, file);
}

/* The type is set here, since a server may call a .txt what it likes; no other path is served. */
void ww_generate_put_nginx(struct ww_buf *b, const struct ww_generate *g)
{
    ww_buf_str(b, "server {\n"
                  "    listen 443 ssl;\n"
                  "    listen [::]:443 ssl;\n"
                  "    server_name mta-sts.");
    ww_buf_str(b, g->domain);
    ww_buf_str(b, ";\n    ssl_certificate ");
    put_certificate(b, g, "fullchain.pem");
    ww_buf_str(b, ";\n    ssl_certificate_key ");
    put_certificate(b, g, "privkey.pem");
    ww_buf_str(b, ";\n    ssl_protocols TLSv1.2 TLSv1.3;\n"
                  "    location = /.well-known/mta-sts.txt {\n"
                  "        root ");
    ww_generate_put_root(b, g);
    ww_buf_str(b, ";\n"
                  "        types { }\n"
                  "        default_type text/plain;\n"
                  "    }\n"
                  "    location / {\n"
                  "        return 404;\n"
                  "    }\n"
                  "}\n");
}

/* Caddy gets and renews the certificate by itself, unless it is told of one. */
void ww_generate_put_caddy(struct ww_buf *b, const struct ww_generate *g)
{
    ww_buf_str(b, "mta-sts.");
    ww_buf_str(b, g->domain);
    ww_buf_str(b, " {\n");
    if (g->certificates != NULL) {
        ww_buf_str(b, "\ttls ");
        put_certificate(b, g, "fullchain.pem");
        ww_buf_char(b, ' ');
        put_certificate(b, g, "privkey.pem");
        ww_buf_char(b, '\n');
    }
    ww_buf_str(b, "\thandle /.well-known/mta-sts.txt {\n"
                  "\t\troot * ");
    ww_generate_put_root(b, g);
    ww_buf_str(b, "\n"
                  "\t\theader Content-Type text/plain\n"
                  "\t\tfile_server\n"
                  "\t}\n"
                  "\thandle {\n"
                  "\t\trespond 404\n"
                  "\t}\n"
                  "}\n");
}

void ww_generate_put_apache(struct ww_buf *b, const struct ww_generate *g)
{
    ww_buf_str(b, "<VirtualHost *:443>\n"
                  "    ServerName mta-sts.");
    ww_buf_str(b, g->domain);
    ww_buf_str(b, "\n    SSLEngine on\n    SSLCertificateFile ");
    put_certificate(b, g, "fullchain.pem");
    ww_buf_str(b, "\n    SSLCertificateKeyFile ");
    put_certificate(b, g, "privkey.pem");
    ww_buf_str(b, "\n    SSLProtocol -all +TLSv1.2 +TLSv1.3\n    DocumentRoot ");
    ww_generate_put_root(b, g);
    ww_buf_str(b, "\n    <Directory ");
    ww_generate_put_root(b, g);
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
