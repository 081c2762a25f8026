FROM debian:bookworm-slim
ADD dataset.tar.bz2 /data
RUN find /data -name '*.tmp' -delete
RUN chgrp -R www-data /data && find /data -type d -exec chmod g+rx {} +
