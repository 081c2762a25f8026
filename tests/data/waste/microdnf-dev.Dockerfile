FROM registry.access.redhat.com/ubi8/ubi
RUN yum install -y --disableplugin=subscription-manager gcc-c++ make nodejs && yum clean all
COPY --chown=1001:0 . /opt/app
USER 1001
RUN cd /opt/app && npm ci
