FROM apache/superset:3.0.0
USER root
RUN pip install mysqlclient && \
    pip install redis
USER superset
