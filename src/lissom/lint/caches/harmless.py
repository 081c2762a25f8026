"""Programs of which one knows whether they read apt's lists: these do not, or are looked at by name."""

from __future__ import annotations

from lissom.lint.calls.call import Call

__all__ = ["opaque"]

_NAMES = """
[ : true false test echo printf cd pwd export set unset umask ulimit shift read wait sleep date exit return alias ls
cat head tail cut tr sort uniq wc grep egrep fgrep sed awk gawk mawk find xargs tee diff cmp comm paste rm rmdir mv cp
ln mkdir mktemp touch chmod chown chgrp install truncate dd stat file readlink realpath basename dirname which whereis
type hash id whoami uname arch nproc getent hostname env du df sync split seq expr bc yes tar gzip gunzip zcat bzip2
bunzip2 xz unxz zstd unzip zip 7z cpio ar sha1sum sha256sum sha512sum md5sum shasum base64 gpg gpgv gpgconf curl wget
aria2c git svn hg rsync ssh ssh-keyscan ssh-keygen openssl update-ca-certificates useradd groupadd usermod groupmod
userdel groupdel adduser addgroup deluser passwd chpasswd chage chsh gpasswd locale-gen update-locale localedef
ldconfig update-alternatives dpkg-divert dpkg-query dpkg-reconfigure dpkg-architecture debconf-set-selections apt-mark
apt-key apt-config a2enmod a2dismod a2ensite a2dissite a2enconf phpenmod phpdismod docker-php-ext-install
docker-php-ext-enable docker-php-ext-configure docker-php-source pecl pip pipx pipenv poetry uv conda mamba micromamba
virtualenv venv easy_install python node npm npx yarn pnpm bower corepack n gulp grunt tsc webpack vite ng gem bundle
rake ruby composer php go cargo rustup rustc gofmt mvn gradle javac java jar jlink keytool ant sbt dotnet nuget mix
cpan cpanm perl luarocks gcc g++ cc c++ clang clang++ ld as strip ldd objcopy patch setcap getcap nginx httpd
apachectl supervisord redis-server sqlite3 psql mysql jq yq vi fc-cache mkfontscale vim nano crontab service
timedatectl setfacl busybox logger visudo gunicorn uvicorn flask hugo jekyll mkdocs sphinx-build pytest wait-for-it
tini dumb-init gosu su-exec nologin mknod mkfifo apt apt-get aptitude dpkg add-apt-repository apt-add-repository apk
dnf yum microdnf zypper pacman emerge
"""
_HARMLESS = frozenset(_NAMES.split())
_RUNS_FILES = frozenset(("python", "node", "ruby", "perl", "php", "java", "npx"))


def opaque(call: Call) -> bool:
    """Whether a call runs what nobody can see from here: a script of the context, make, an installer of its own."""
    if call.program not in _HARMLESS:
        return True
    if call.program in _RUNS_FILES:
        return not call.args or not call.args[0].startswith("-") or call.args[0] in ("-", "-c", "-e")
    return "/" in call.path and not call.path.startswith(("/bin/", "/sbin/", "/usr/", "/opt/", "/root/", "/venv/"))
