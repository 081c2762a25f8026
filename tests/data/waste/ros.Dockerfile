FROM ros:humble
SHELL ["/bin/bash", "-c"]
RUN apt-get update && apt-get install -y \
    python3-colcon-common-extensions \
    git \
 && echo done
RUN mkdir -p /ws/src && cd /ws/src && git clone https://example.org/robot.git -b humble
RUN source /opt/ros/humble/setup.bash && cd /ws && colcon build
COPY entrypoint.sh /
RUN chmod 755 /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
