{% macro _validate_meta(unique_id, meta) %}
    {%- set by_build = meta is mapping and meta['warehouse_size'] is mapping %}
    {%- set kinds = {
        'metrics': {'kind': 'mapping'},
        'staging': {'kind': 'boolean'},
        'tags': {'kind': 'mapping'},
        'warehouse_size': {'kind': 'mapping' if by_build else 'string'},
    } %}
    {%- set place = 'meta.opsplugin of ' ~ unique_id %}
    {%- if meta is not mapping %}
        {%- do dbt_opsplugin._fail(
            'meta', place ~ ' is ' ~ (meta | string) ~ ', not a mapping',
            'write keys below it: ' ~ kinds | join(', ')
        ) %}
    {%- endif %}
    {%- for key, value in meta.items() %}
        {%- if key not in kinds %}
            {%- do dbt_opsplugin._fail(
                'meta', key ~ ' in ' ~ place ~ ' is not known',
                'did you mean ' ~ dbt_opsplugin._nearest(key | string, kinds | list) ~ '? Valid: '
                ~ kinds | join(', ')
            ) %}
        {%- endif %}
        {%- set problem = dbt_opsplugin._type_problem(value, kinds[key]) %}
        {%- if problem %}
            {%- do dbt_opsplugin._fail(
                'meta', key ~ ' in ' ~ place ~ ' is ' ~ dbt_opsplugin._as_written(value) ~ ', ' ~ problem,
                'correct it in the config of that node'
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- for build in (meta['warehouse_size'] if by_build else []) if build not in ['full_refresh', 'otherwise'] %}
        {%- do dbt_opsplugin._fail(
            'meta', build ~ ' in warehouse_size in ' ~ place ~ ' is not known',
            'write it as {full_refresh: X-LARGE, otherwise: SMALL}'
        ) %}
    {%- endfor %}
    {%- for name, expression in (meta.get('metrics') or {}).items() %}
        {%- if name is not string %}
            {%- do dbt_opsplugin._fail(
                'meta', 'metric ' ~ name ~ ' in ' ~ place ~ ' has no name but a value', 'put the name in quotes'
            ) %}
        {%- elif expression is not string or expression | trim == '' %}
            {%- do dbt_opsplugin._fail(
                'meta', 'metric ' ~ name ~ ' in ' ~ place ~ ' is ' ~ (expression | string)
                ~ ', not a SQL expression', 'write it as name: "sum(amount)"'
            ) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro _validate_model_sizes(sized) %}
    {%- for name, unique_id, size in sized %}
        {%- set place = 'meta.opsplugin.warehouse_size of ' ~ unique_id %}
        {%- for build, of_build in (size if size is mapping else {'otherwise': size}).items() %}
            {%- do dbt_opsplugin._warehouse_size(place, of_build) %}
        {%- endfor %}
    {%- endfor %}
    {%- if not dbt_opsplugin._has_recorder() and dbt_opsplugin._is_recorded_command() %}
        {%- do dbt_opsplugin._warn(
            'set_warehouse_size', 'meta.opsplugin.warehouse_size (of ' ~ sized[0][0] ~ (
                ' and ' ~ (sized | length - 1) ~ ' more' if sized | length > 1 else ''
            ) ~ ') has no effect without the Python package: install it beside dbt, or use'
            ~ ' set_warehouse_size in a pre-hook'
        ) %}
    {%- endif %}
{%- endmacro %}
