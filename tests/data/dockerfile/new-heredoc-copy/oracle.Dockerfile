FROM busy:1
ENV V=val
RUN printf 'value val and default\nback\\\\slash $V\n' | sed 's/\\\\/\\/' > /f
