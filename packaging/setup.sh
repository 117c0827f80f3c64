# What ./run and ./test share. They source it with the tree's root as their working directory.
# shellcheck shell=sh

# Debian's own tools first: those of /usr/sbin are missing from the PATH of ordinary users.
PATH=/usr/bin:/usr/sbin:/bin:/sbin:$PATH
export PATH

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# packages_of SET...: the names in these sets of packaging/packages, one a line.
packages_of()
{
    for set in "$@"; do
        sed -n "s/^${set}[[:space:]]\{1,\}\([^[:space:]]*\).*/\1/p" packaging/packages
    done
}

# missing_packages SET...: those of them that are not installed, one a line.
missing_packages()
{
    wanted=$(packages_of "$@")
    # shellcheck disable=SC2086,SC2016 # a list of words; dpkg-query's own variables
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null || true)
    for package in $wanted; do
        printf '%s\n' "$installed" | grep -qxF "installed $package" || printf '%s\n' "$package"
    done
}

# install_packages SET...: asks first when somebody is there to answer.
install_packages()
{
    command -v apt-get >/dev/null ||
        die "this needs Debian; elsewhere, install what packaging/packages lists and use make"
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0

    missing=$(printf '%s' "$missing" | tr '\n' ' ')
    printf 'Waxwing needs these Debian packages:\n\n%s\n\n' "$missing" | fold -s -w 78 >&2
    sudo=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "there is no sudo here: install them as root, then try again"
        sudo=sudo
    fi
    if [ -t 0 ]; then
        printf 'Install them now? [Y/n] ' >&2
        read -r answer || answer=n
        case $answer in
        '' | [Yy]*) ;;
        *) die "nothing was installed" ;;
        esac
    fi
    # shellcheck disable=SC2086 # a list of words
    $sudo sh packaging/install-packages $missing || die "not all packages could be installed"
}

# configure_tree DIR MESON-OPTION...: configures DIR when that is still to be done. Through ccache, where that is installed.
configure_tree()
{
    dir=$1
    shift
    # A build directory that came with a copied tree would build the tree that it was copied from.
    if ! grep -qsF "\"source\": \"$(pwd -P)\"" "$dir/meson-info/meson-info.json"; then
        rm -rf "$dir"
        compiler=${CC:-gcc}
        case $compiler in
        ccache*) ;;
        *) ! command -v ccache >/dev/null || compiler="ccache $compiler" ;;
        esac
        CC=$compiler meson setup "$dir" "$@" >&2 || return
    fi
}

# build_tree DIR MESON-OPTION...: configures DIR when that is still to be done, and builds $targets, or all.
targets=
build_tree()
{
    configure_tree "$@" || return
    # shellcheck disable=SC2086 # a list of words
    ninja -C "$1" $targets >&2
}
