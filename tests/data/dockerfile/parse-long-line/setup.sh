{ echo FROM busy:1; printf 'RUN echo '; head -c 60000 /dev/zero | tr '\0' x; echo ' > /x'; } > Dockerfile
