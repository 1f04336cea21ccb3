{% macro _orchestrator() %}
    {#- Who runs us and for which commit, from the variables that CI systems and schedulers
        set for a run, a job, a commit and a branch. Only under execute: at parse, dbt would
        reparse the project whenever one of these changes. -#}
    {%- set known = '
        github: GITHUB_RUN_ID GITHUB_WORKFLOW GITHUB_SHA GITHUB_REF_NAME
        gitlab: CI_PIPELINE_ID CI_JOB_NAME CI_COMMIT_SHA CI_COMMIT_REF_NAME
        dbt cloud: DBT_CLOUD_RUN_ID DBT_CLOUD_JOB_ID DBT_CLOUD_GIT_SHA DBT_CLOUD_GIT_BRANCH
        azure devops: BUILD_BUILDID BUILD_DEFINITIONNAME BUILD_SOURCEVERSION BUILD_SOURCEBRANCHNAME
        bitbucket: BITBUCKET_BUILD_NUMBER BITBUCKET_REPO_SLUG BITBUCKET_COMMIT BITBUCKET_BRANCH
        circleci: CIRCLE_WORKFLOW_ID CIRCLE_JOB CIRCLE_SHA1 CIRCLE_BRANCH
        buildkite: BUILDKITE_BUILD_ID BUILDKITE_PIPELINE_SLUG BUILDKITE_COMMIT BUILDKITE_BRANCH
        jenkins: BUILD_TAG JOB_NAME GIT_COMMIT GIT_BRANCH
        airflow: AIRFLOW_CTX_DAG_RUN_ID AIRFLOW_CTX_DAG_ID GIT_COMMIT GIT_BRANCH
        dagster: DAGSTER_RUN_ID DAGSTER_RUN_JOB_NAME GIT_COMMIT GIT_BRANCH
        prefect: PREFECT__FLOW_RUN_ID PREFECT__FLOW_NAME GIT_COMMIT GIT_BRANCH
    ' %}
    {%- set found = {
        'orchestrator': none, 'orchestrator_run_id': none, 'orchestrator_job_id': none,
        'git_sha': env_var('GIT_SHA', '') or none, 'git_branch': env_var('GIT_BRANCH', '') or none,
        'host': env_var('HOSTNAME', '') or none,
        'performed_by': env_var('USER', '') or env_var('USERNAME', '') or none,
        'orchestrator_url': none,
    } %}
    {%- for line in known.strip().split('\n') %}
        {%- set name, variables = line.split(':') %}
        {%- set run_id, job_id, sha, branch = variables.split() %}
        {%- if found['orchestrator'] is none and env_var(run_id, '') %}
            {%- do found.update({
                'orchestrator': name.strip(),
                'orchestrator_run_id': env_var(run_id),
                'orchestrator_job_id': env_var(job_id, '') or none,
                'git_sha': env_var(sha, '') or found['git_sha'],
                'git_branch': env_var(branch, '') or found['git_branch'],
            }) %}
        {%- endif %}
    {%- endfor %}
    {%- if found['orchestrator'] == 'github' %}
        {%- do found.update({'orchestrator_url':
            env_var('GITHUB_SERVER_URL', 'https://github.com') ~ '/' ~ env_var('GITHUB_REPOSITORY', '')
            ~ '/actions/runs/' ~ found['orchestrator_run_id']
        }) %}
    {%- else %}
        {%- for name in ['CI_JOB_URL', 'CIRCLE_BUILD_URL', 'BUILDKITE_BUILD_URL', 'BUILD_URL'] %}
            {%- if found['orchestrator_url'] is none and env_var(name, '') %}
                {%- do found.update({'orchestrator_url': env_var(name)}) %}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
    {%- do return(found) %}
{%- endmacro %}
