FROM postgres:15
RUN apt-get update && apt-get install -y postgresql-15-postgis-3 vim less procps
COPY dump.sql.gz /tmp/
RUN gunzip /tmp/dump.sql.gz
RUN mv /tmp/dump.sql /docker-entrypoint-initdb.d/
