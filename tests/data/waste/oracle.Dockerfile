FROM oraclelinux:8-slim
RUN microdnf install -y oraclelinux-developer-release-el8 && microdnf install -y python39
COPY wheels/ /wheels/
RUN pip3 install /wheels/*.whl
RUN rm -r /wheels
