FROM busy:1
ARG A="a b" B='$A'
ARG C="$A c"
RUN echo "$A|$B|$C" > /a
