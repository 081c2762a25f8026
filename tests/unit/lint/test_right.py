"""What the rules of safety and correctness tell, and what they leave alone: one Dockerfile a line.

A line is a code, the numbers of the lines that it is told on (`-`: none), and a Dockerfile; `⏎` ends a line of it, and
`FROM debian:bookworm` stands above it unless it begins with FROM, ARG or a comment.
"""

from __future__ import annotations

import pytest

from lissom.dockerfile.parser import parse
from lissom.lint.rule import Rule
from lissom.lint.rules.all import RULES
from lissom.lint.views import subject_of

BY_CODE = {rule.code: rule for rule in RULES}

NAMES = """
stage-name-casing 1 FROM debian:bookworm AS Build
stage-name-casing - FROM debian:bookworm AS build-1.x
duplicate-stage-name 2 FROM a:1 AS x⏎FROM b:1 AS x
duplicate-stage-name 2 FROM a:1 AS x⏎FROM b:1 AS X
duplicate-stage-name - FROM a:1 AS x⏎FROM b:1 AS y⏎FROM c:1
reserved-stage-name 1 FROM a:1 AS scratch
reserved-stage-name - FROM scratch AS empty
from-as-casing 1 FROM a:1 as x
from-as-casing 1 from a:1 AS x
from-as-casing - from a:1 as x
instruction-casing 2 from a:1⏎RUN ls⏎cmd ["x"]
instruction-casing 2,3,5 Copy a /b⏎run ls⏎LABEL a=b⏎Env a=b
instruction-casing - from a:1⏎run ls
empty-continuation 3 RUN a && \\⏎⏎    b
empty-continuation - RUN a && \\⏎#⏎    b
legacy-key-value 2 ENV A b c
legacy-key-value 2 ONBUILD LABEL A b
legacy-key-value - ENV "A b"=c
maintainer 2 MAINTAINER x
stage-comment 1 # tools⏎FROM a:1 AS build
stage-comment - # build has tools⏎FROM a:1 AS build
stage-comment - # tools⏎⏎FROM a:1 AS build
stage-comment - # tools⏎FROM a:1
trailing-comment 2 USER app # me
trailing-comment 2 VOLUME /data # files
trailing-comment 2 COPY a /b #note
trailing-comment - COPY #a /b
trailing-comment - RUN ls # files
broken-json 2 CMD ['a']
broken-json 2 ENTRYPOINT [a, b]
broken-json 2 VOLUME ['/data']
broken-json - RUN [ -d /x ]
broken-json - RUN [[ -d /x ]]
broken-json - CMD ["a"]
"""

FLOW = """
several-cmd 3 CMD ["a"]⏎CMD ["b"]
several-cmd - CMD ["a"]⏎FROM b:1⏎CMD ["b"]
several-entrypoint 4 ENTRYPOINT ["a"]⏎RUN ls⏎ENTRYPOINT ["b"]
several-healthcheck 3 HEALTHCHECK CMD ["a"]⏎HEALTHCHECK NONE
relative-workdir 2 WORKDIR app
relative-workdir - WORKDIR $APP⏎WORKDIR "/x"⏎WORKDIR C:/x
copy-to-file 2 COPY a b c
copy-to-file 2 COPY ["a", "b", "c"]
copy-to-file 2 ADD a b /c
copy-to-file - COPY a* /c
copy-to-file - COPY a b "/c/"
unknown-stage 3 FROM a:1 AS build⏎FROM b:1⏎COPY --from=biuld /x /y
unknown-stage 3 FROM a:1⏎FROM b:1⏎COPY --from=late /x /y⏎FROM c:1 AS late
unknown-stage - FROM a:1 AS build⏎FROM b:1⏎COPY --from=0 /x /y⏎COPY --from=BUILD /x /y⏎COPY --from=c:1 /x /y
copy-from-itself 2 FROM a:1 AS x⏎COPY --from=x /a /b
copy-from-itself 2 FROM a:1⏎RUN --mount=from=0,target=/x ls
relative-copy 2 COPY a b
relative-copy - WORKDIR /x⏎COPY a b
relative-copy - FROM a:1 AS x⏎WORKDIR /x⏎FROM x⏎COPY a b
env-self-reference 2 ENV A=1 B=$A
env-self-reference 3 ENV A=1 \\⏎    B=${A}/x
env-self-reference - ENV A=1⏎ENV B=$A C=2
env-self-reference - ENV A=1 B=\\$A C='$A'
invalid-port 2 EXPOSE 65536
invalid-port 2 EXPOSE 90-80
invalid-port 2 EXPOSE 80:8080
invalid-port - EXPOSE 0 65535 80-90/udp $PORT 53/UDP
expose-proto-casing 2 EXPOSE 53/UDP
expose-proto-casing - EXPOSE 53/udp 53
json-args 2 CMD a
json-args 2 HEALTHCHECK CMD a
json-args - CMD ["a"]
swallowed-cmd 3 ENTRYPOINT a⏎CMD ["b"]
swallowed-cmd - ENTRYPOINT ["a"]⏎CMD b
exec-variable 2 CMD ["a", "--port=$PORT"]
exec-variable 2 RUN ["rm", "${FILE}"]
exec-variable - CMD ["sh", "-c", "a $PORT"]
exec-variable - CMD ["nginx", "-g", "set $x 1;"]
exec-variable - ENTRYPOINT ["/usr/bin/env", "bash", "-c", "$X"]
lost-state 2 RUN export A=1
lost-state 2 RUN cd /x && umask 022
lost-state 2 RUN . /venv/bin/activate
lost-state 2 RUN apt-get update && service nginx start
lost-state 2 RUN /etc/init.d/nginx restart
lost-state 2 RUN nginx &
lost-state - RUN export A=1 && make
lost-state - RUN service postgresql start && psql -c x
lost-state - RUN cd /x; make
bash-only 2 RUN source /venv/bin/activate && a
bash-only 2 RUN if [[ -d /x ]]; then ls; fi
bash-only 2 RUN set -euxo pipefail; a | b
bash-only 2 RUN [ "$a" == b ] && ls
bash-only 3 RUN a && \\⏎    pushd /x
bash-only - SHELL ["/bin/bash", "-c"]⏎RUN source x && a
bash-only - FROM alpine:3⏎RUN source x && [[ a == b ]] && set -o pipefail
bash-only 2 FROM alpine:3⏎RUN pushd /x
bash-only - FROM fedora:41⏎RUN source x && a
bash-only - FROM internal/base:1⏎RUN source x && a
bash-only - RUN bash -c 'source x && a'
pipefail 2 RUN a | b
pipefail 3 RUN x && \\⏎    a | b
pipefail 2 RUN echo $(a | b)
pipefail - RUN a || b
pipefail - SHELL ["/bin/bash", "-eo", "pipefail", "-c"]⏎RUN a | b
pipefail - FROM alpine:3⏎RUN set -o pipefail && a | b
pipefail 2 RUN set -o pipefail && a | b
shell-link 2 RUN ln -sf bash /bin/sh
shell-link - RUN ln -s /a /b
"""

MISSING = """
undefined-from-arg 1 FROM a:$TAG
undefined-from-arg 2 ARG TAGS=1⏎FROM a:${TAG}
undefined-from-arg - ARG TAG⏎FROM a:$TAG
undefined-from-arg - FROM --platform=$BUILDPLATFORM a:${TAG:-1}
invalid-image-name 1 FROM Debian:bookworm
invalid-image-name 2 ARG TAG⏎FROM debian:$TAG
invalid-image-name - ARG TAG⏎FROM debian:${TAG:-1}
invalid-image-name - FROM scratch⏎FROM a@sha256:0000000000000000000000000000000000000000000000000000000000000000
undefined-variable 2 COPY $WHAT /x
undefined-variable 2 WORKDIR $HOME/x
undefined-variable 2 ENV PATH=/x:$PAHT
undefined-variable - ENV PATH=/x:$PATH
undefined-variable - FROM node:22⏎ENV X=$NODE_VERSION
undefined-variable - ARG A⏎FROM debian:12⏎ARG B⏎COPY $B ${C:-x} /y
undefined-variable - RUN echo $WHAT
global-arg 3 ARG V=1⏎FROM debian:12⏎RUN echo $V
global-arg 3 ARG V=1⏎FROM debian:12⏎ENV X=${V}
global-arg - ARG V=1⏎FROM debian:12⏎ARG V⏎RUN echo $V
global-arg - ARG V=1⏎FROM debian:12⏎RUN V=2; echo $V
global-arg - ARG V=1⏎FROM debian:$V⏎RUN echo \\$V
missing-source 2 COPY ../x /y
missing-source - COPY --from=a:1 ../x /y
missing-source - ADD https://example.com/../x /y
missing-shell 2 FROM scratch⏎RUN ls
missing-shell 3 FROM scratch⏎COPY a /a⏎CMD /a
missing-shell 2 FROM gcr.io/distroless/base⏎ENTRYPOINT ["sh", "-c", "a"]
missing-shell - FROM gcr.io/distroless/base:debug⏎CMD a
missing-shell - FROM cgr.dev/chainguard/python:latest-dev⏎RUN ls
missing-shell - FROM scratch⏎ADD rootfs.tar.gz /⏎RUN ls
missing-shell - FROM scratch⏎COPY --from=busybox:1 /bin /bin⏎RUN ls
missing-shell - FROM scratch⏎COPY a /a⏎CMD ["/a"]
missing-user 2 FROM scratch⏎USER app
missing-user 2 FROM gcr.io/distroless/base⏎COPY --chown=app a /a
missing-user - FROM gcr.io/distroless/base⏎USER nonroot
missing-user - FROM scratch⏎COPY passwd /etc/passwd⏎USER app
missing-user - FROM cgr.dev/chainguard/postgres⏎USER postgres
missing-user - FROM scratch⏎USER 1000:1000
missing-program 2 FROM python:3.12-slim⏎HEALTHCHECK CMD curl -f http://localhost/ || exit 1
missing-program 2 FROM alpine:3⏎ENTRYPOINT ["bash", "/run.sh"]
missing-program 2 FROM alpine:3⏎SHELL ["/bin/bash", "-c"]
missing-program - FROM python:3.12⏎HEALTHCHECK CMD curl -f http://localhost/
missing-program - FROM alpine:3⏎HEALTHCHECK CMD wget -q http://localhost/
missing-program - FROM alpine:3⏎RUN apk add --no-cache curl⏎HEALTHCHECK CMD curl -f http://localhost/
missing-program - FROM alpine:3⏎RUN ./install.sh⏎HEALTHCHECK CMD curl -f http://localhost/
missing-program - FROM nginx:alpine⏎HEALTHCHECK CMD curl -f http://localhost/
missing-program 2 FROM node:22-slim⏎HEALTHCHECK --interval=5s CMD ["curl", "-f", "http://localhost/"]
missing-program - FROM ubuntu:24.04⏎HEALTHCHECK CMD ps x
missing-program - FROM internal/alpine-thing:1⏎HEALTHCHECK CMD curl -f http://localhost/
unset-rm 2 RUN rm -rf "$X"/*
unset-rm 2 RUN rm -r ${X}/y
unset-rm - RUN X=/y; rm -rf "$X"/*
unset-rm - RUN for d in a b; do rm -rf "$d"/x; done
unset-rm - ENV X=/y⏎RUN rm -rf $X/*
unset-rm - RUN rm -rf "${X:?}"/*
unset-rm - RUN rm -f $X/y
"""

PACKAGES = """
apt-yes 2 RUN apt-get install vim
apt-yes 3 RUN apt-get update && \\⏎    apt-get install vim
apt-yes - RUN apt-get install -qqy vim
apt-yes - RUN apt-get -y install vim
apt-yes - RUN yes | apt-get install vim
apt-yes - RUN echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/y⏎RUN apt-get install vim
yum-yes 2 RUN yum install vim
zypper-yes 2 RUN zypper in vim
zypper-yes - RUN zypper -n in vim
dnf-yes 2 RUN microdnf install vim
dnf-yes - RUN dnf -y install vim
apt-version 3 RUN apt-get update && apt-get install -y \\⏎    vim=2 curl
apt-version - RUN apt-get install -y vim=2 ./x.deb curl/stable
pip-version 2 RUN python3 -m pip install flask
pip-version - RUN pip install -r requirements.txt flask
pip-version - RUN pip install "flask[async]>=3" ./x git+https://example.com/x@v1
npm-version 2 RUN npm install -g pm2
npm-version - RUN npm install @a/b@1 ./x && npm ci
apk-version 2 RUN apk add --no-cache curl
apk-version - RUN apk add --no-cache --virtual .build "gcc>1" x.apk
gem-version 2 RUN gem install rake
gem-version - RUN gem install rake:13 && gem install x -v 1
yum-version 2 RUN yum install -y vim
yum-version - RUN yum install -y vim-8.2 x.rpm
dnf-version 2 RUN dnf install -y openssl-devel
zypper-version 2 RUN zypper in -y vim
go-version 2 RUN go install example.com/x@latest
go-version - RUN go install ./... && go run main.go
wget-and-curl 3 RUN curl a⏎RUN wget b
wget-and-curl - RUN curl a⏎FROM b:1⏎RUN wget b
"""

SAFETY = """
root-user 3 USER app⏎USER root
root-user 2 USER 0:0
root-user - USER root⏎USER app
cd-in-run 3 RUN a && \\⏎    cd /x
cd-in-run - RUN make -C /x
sudo 2 RUN sudo -E make
sudo - RUN echo sudo
pointless-command 2 RUN sudo service nginx start
pointless-command - RUN echo vim
untagged-base 1 FROM debian
untagged-base - FROM debian:12⏎FROM scratch
untagged-base 2 ARG B=debian⏎FROM $B
latest-base 1 FROM a/b:latest
latest-base - FROM a:latest@sha256:0000000000000000000000000000000000000000000000000000000000000000
moving-copy-source 2 COPY --from=nginx:latest /a /b
moving-copy-source - COPY --from=nginx:1 /a /b⏎COPY --from=lib /a /b
constant-platform 1 FROM --platform=linux/amd64 a:1
constant-platform - FROM --platform=$BUILDPLATFORM a:1
redundant-platform 1 FROM --platform=${TARGETPLATFORM} a:1
numeric-user 2 USER app
numeric-user - USER 1000:app
secret-variable 3 RUN ls⏎ARG NPM_TOKEN
secret-variable 2 ENV DB_PASSWORD=hunter2
secret-variable 2 ENV URL=https://user:hunter2@example.com/
secret-variable - ENV DB_PASSWORD_FILE=/run/secrets/db TOKENIZERS_PARALLELISM=false PUBLIC_KEY=x
secret-variable - ENV KEYBOARD=us MONKEY=1
copied-secret 2 COPY .env /app/
copied-secret 2 COPY deploy/id_rsa /root/.ssh/
copied-secret 2 ADD credentials.json server.key /app/
copied-secret - COPY .env.example id_rsa.pub tls.crt ca.pem /app/
copied-secret - COPY --from=a:1 /x/.env /app/
secret-in-run 2 RUN curl -u admin:hunter2 https://example.com/
secret-in-run 3 RUN a && \\⏎    git clone https://me:hunter2@example.com/x.git
secret-in-run 2 RUN curl -H "Authorization: Bearer abcdef" https://example.com/
secret-in-run 2 RUN mysql --password=hunter2
secret-in-run 2 RUN echo "//example.com/:_authToken=${NPM_TOKEN}" > .npmrc
secret-in-run - RUN echo "//example.com/:_authToken=$NPM_TOKEN" > .npmrc && npm ci && rm .npmrc
secret-in-run - RUN echo '//example.com/:_authToken=${NPM_TOKEN}' > .npmrc
secret-in-run - RUN echo "//example.com/:_authToken=\\${NPM_TOKEN}" > .npmrc && echo "$NPM_TOKEN" > /dev/null
secret-in-run 2 CMD ["app", "--api-key", "abcdef"]
secret-in-run - RUN curl -u "$USER:$PASSWORD" -H "Authorization: $TOKEN" https://example.com/
secret-in-run 2 RUN service mysql start && mysql -u root -phunter2 -e x
secret-in-run 2 RUN PGPASSWORD=hunter2 psql -c x
secret-in-run 2 RUN export API_TOKEN=abcdef && make
secret-in-run - RUN SECRET_KEY_BASE=dummy make && PGPASSWORD=$PG psql && mysql -p
secret-in-run - RUN mysql --password="$PASSWORD" --token-file /x
password-in-image 2 RUN echo root:root | chpasswd
password-in-image 2 RUN useradd -p x app
password-in-image 2 RUN passwd -d root
password-in-image - RUN useradd --uid 1000 app && passwd -l root
remote-script 2 RUN curl -fsSL https://example.com/x | sh
remote-script 2 RUN wget -qO- https://example.com/x | sudo -E bash -
remote-script 2 RUN sh -c "$(curl -fsSL https://example.com/x)"
remote-script 2 RUN bash <(curl -s https://example.com/x)
remote-script 2 RUN curl https://example.com/x | python3 - --yes
remote-script - RUN curl https://example.com/x | tar -x
remote-script - RUN curl https://example.com/x | python3 -m json.tool
remote-script - RUN cat x | sh
unverified-download 2 RUN curl -O https://example.com/x
unverified-download 2 RUN wget http://example.com/x
unverified-download - RUN curl -O https://example.com/x && echo "abc x" | sha256sum -c
unverified-download - RUN curl -f http://localhost/
add-without-checksum 2 ADD https://example.com/x /y
add-without-checksum - ADD https://example.com/x.git#v1 /y
certificates-unchecked 2 RUN curl -fsSLk https://example.com/
certificates-unchecked 2 RUN wget --no-check-certificate https://example.com/
certificates-unchecked 2 RUN npm config set strict-ssl false
certificates-unchecked 2 RUN git -c http.sslVerify=false clone https://example.com/x
certificates-unchecked 2 RUN git config --global http.sslVerify false
certificates-unchecked 2 RUN pip install --trusted-host example.com x==1
certificates-unchecked 2 ENV NODE_TLS_REJECT_UNAUTHORIZED=0
certificates-unchecked 2 RUN GIT_SSL_NO_VERIFY=true git clone https://example.com/x
certificates-unchecked 2 RUN ssh -o StrictHostKeyChecking=no x
certificates-unchecked - RUN curl -fsSL --key x https://example.com/ && git config http.sslVerify true
certificates-unchecked - RUN curl -H "k: v" -o book https://example.com/
signatures-unchecked 2 RUN echo "deb [trusted=yes] https://example.com ./" > /etc/apt/sources.list
signatures-unchecked 2 RUN apk add --allow-untrusted x.apk
signatures-unchecked 3 RUN a && \\⏎    dnf install -y --nogpgcheck x
signatures-unchecked - RUN a \\⏎    # --nogpgcheck⏎    && b
world-writable 2 RUN chmod -R 777 /x
world-writable 2 RUN chmod a+rwx /x
world-writable 2 RUN mkdir -m 0777 /x
world-writable 2 COPY --chmod=666 a /b
world-writable - RUN chmod 1777 /tmp && chmod u+w,g+w /x && chmod 755 /y && chmod +x /z
setuid 2 RUN chmod u+s /x
setuid 2 RUN chmod 4755 /x
setuid 2 RUN setcap cap_net_raw+ep /x
setuid - RUN chmod 2775 /x && chmod u-s /y && chmod 755 /z
ssh-server 2 EXPOSE 22
ssh-server 2 RUN apt-get install -y openssh-server
ssh-server 2 CMD ["/usr/sbin/sshd", "-D"]
ssh-server - EXPOSE 2222⏎RUN apt-get install -y openssh-client
nopasswd-sudo 2 RUN echo 'x ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/x
host-volume 2 VOLUME /var/run/docker.sock
host-volume 2 VOLUME ["/data", "/root/.ssh"]
host-volume - VOLUME /var/lib/data /etc/nginx
apt-key 2 RUN curl x | apt-key add -
add-for-files 2 ADD a /b
add-for-files - ADD a.tar.gz /b⏎ADD https://example.com/x /y⏎ADD git@example.com:a/b.git /z
"""


TABLE = [line.split(" ", 2) for line in (NAMES + FLOW + MISSING + PACKAGES + SAFETY).splitlines() if line]


def cases() -> list[object]:
    return [pytest.param(BY_CODE[code], lines, text, id=f"{code}: {text}") for code, lines, text in TABLE]


def text_of(line: str) -> str:
    """The Dockerfile of a case."""
    text = line.replace("⏎", "\n") + "\n"
    whole = text.lower().startswith(("from ", "arg ", "# "))
    return text if whole else "FROM debian:bookworm\n" + text


@pytest.mark.parametrize(("rule", "lines", "line"), cases())
def test_a_rule_tells_what_it_says(rule: Rule, lines: str, line: str) -> None:
    subject = subject_of(parse(text_of(line)))
    told = [subject.dockerfile.source.line_col(found.span.start)[0] for found in rule.check(subject)]
    assert sorted(set(told)) == ([] if lines == "-" else [int(number) for number in lines.split(",")])


def test_every_rule_here_is_seen_telling_something():
    assert {code for code, _, _ in TABLE} == {code for code, lines, _ in TABLE if lines != "-"}
