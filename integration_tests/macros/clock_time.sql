{% macro clock_time(column) %}
    make_time({{ column }} // 100 % 24, {{ column }} % 100, 0)
{% endmacro %}
