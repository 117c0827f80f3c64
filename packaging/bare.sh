# Bare trees of Debian, and what is done in them: what prove-bare and prove-library share. They source it with the tree's
# root as their working directory, as root.
# shellcheck shell=sh

cache=${WAXWING_BARE_CACHE:-/var/tmp/waxwing-bare}
# Those who source it set these.
tree='' release='' codename=''

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# releases_of 12|13|all: the numbers.
releases_of()
{
    case $1 in
    12 | 13) printf '%s' "$1" ;;
    all) printf '12 13' ;;
    *) die "say: ${0##*/} [12|13|all]" ;;
    esac
}

# codename_of RELEASE
codename_of()
{
    case $1 in
    12) printf 'bookworm' ;;
    13) printf 'trixie' ;;
    esac
}

# pristine: makes the tree that the others are copied from.
pristine()
{
    [ ! -d "$cache/$codename" ] || return 0
    mkdir -p "$cache/$codename.debs"
    packaging/debian-tree "$codename" "$cache/$codename" --cache-dir="$cache/$codename.debs"
    for tool in cc git make python3 sudo; do
        ! chroot "$cache/$codename" sh -c "command -v $tool" >/dev/null || die "$codename is not bare: it has $tool"
    done
}

# fresh: a copy of the pristine tree in $tree, with the last commit in /srv/waxwing.
fresh()
{
    rm -rf "$tree"
    mkdir -p "$cache/$codename.archives/partial"
    ln -sfn "$codename.archives" "$tree.archives"
    cp -a "$cache/$codename" "$tree"
    cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
    # The tree does not outlive the proof: no package has to reach the disk before the next is unpacked.
    echo force-unsafe-io >"$tree/etc/dpkg/dpkg.cfg.d/unsafe-io"
    mkdir -p "$tree/srv/waxwing"
    git archive HEAD | tar -x -C "$tree/srv/waxwing"
}

# step NAME COMMAND...: runs it in the tree.
step()
{
    log=$cache/$codename-$(printf '%s' "${1#./}" | tr ' ' -).log
    begun=$(date +%s)
    printf 'Debian %s: %s: ' "$release" "$1"
    shift
    if packaging/enter-tree "$tree" "$@" </dev/null >"$log" 2>&1; then
        printf '%s (%s s)\n' "$(tail -n 1 "$log")" $(($(date +%s) - begun))
    else
        printf 'FAILED, see %s\n' "$log"
        tail -n 40 "$log"
        exit 1
    fi
}
