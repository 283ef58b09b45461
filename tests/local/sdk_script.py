"""A model's life in the words of the SageMaker SDK 3, as AWS's get-started notebooks go.

Train, tune, log the run, register, approve, score in batches, deploy, invoke, delete. Run by a test with the data's
address.
"""

import os
import sys
import time

from sagemaker.core import image_uris
from sagemaker.core.experiments.run import Run, list_runs
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, ModelPackage, ModelPackageGroup
from sagemaker.core.s3 import S3Downloader
from sagemaker.core.shapes import ContainerDefinition, ProductionVariant
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.core.transformer import Transformer
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.tuner import HyperparameterTuner

data, session, role = sys.argv[1], Session(), os.environ["SAGEMAKER_ROLE"]
name, machine = f"sdk-{time.time_ns() % 10**10}", "ml.m5.xlarge"
image = image_uris.retrieve("xgboost", session.boto_region_name, "3.2-0")

trainer = ModelTrainer(
    training_image=image,
    role=role,
    sagemaker_session=session,
    base_job_name=name,
    hyperparameters={"objective": "binary:logistic", "num_round": 3, "eval_metric": "auc", "eta": 0.3},
    input_data_config=[
        InputData(channel_name=split, data_source=f"{data}/{split}/", content_type="text/csv")
        for split in ("train", "validation")
    ],
    compute=Compute(instance_type=machine, instance_count=1),
)
trainer.train(wait=True)
print("trained", trainer._latest_training_job.refresh().training_job_status)

tuner = HyperparameterTuner(
    model_trainer=trainer,
    objective_metric_name="validation:auc",
    hyperparameter_ranges={},
    max_jobs=12,
    max_parallel_jobs=3,
    autotune=True,
    hyperparameters_to_keep_static=["objective", "num_round", "eval_metric"],
)
tuner.tune(inputs=trainer.input_data_config, job_name=name, wait=True)
trials = tuner.analytics().dataframe()
values, best = trials.FinalObjectiveValue, tuner.best_training_job()
print("tuned", len(trials), "best", values[trials.TrainingJobName == best].item() == values.max(), "eta" in trials)

with Run(experiment_name=name, run_name="tuning", sagemaker_session=session) as run:
    run.log_parameter("trials", len(trials))
    for step, value in enumerate(values):
        run.log_metric("validation:auc", value, step=step)
    run.log_confusion_matrix([0, 1, 1], [0, 1, 0], title="matrix")
logged = list_runs(name, sagemaker_session=session)[0]
component = session.sagemaker_client.describe_trial_component(TrialComponentName=f"{name}-tuning")
metric = component["Metrics"][0]
charts = session.sagemaker_client.list_associations(SourceArn=component["TrialComponentArn"])["AssociationSummaries"]
print("logged", logged.run_name, metric["Count"], metric["Max"] == values.max(), charts[0]["DestinationName"])

archive = session.sagemaker_client.describe_training_job(TrainingJobName=best)["ModelArtifacts"]["S3ModelArtifacts"]
builder = ModelBuilder(s3_model_data_url=archive, image_uri=image, role_arn=role, sagemaker_session=session)
registered = builder.register(
    model_package_group_name=name,
    content_types=["text/csv"],
    response_types=["text/csv"],
    inference_instances=[machine],
    transform_instances=[machine],
    approval_status="PendingManualApproval",
)
package = ModelPackage.get(registered)
print("registered", package.model_package_version, package.model_approval_status)
package.update(model_approval_status="Approved", approval_description="The best of twelve")
print("approved", package.refresh().approval_description)

model = Model.create(
    model_name=name,
    primary_container=ContainerDefinition(model_package_name=registered),
    execution_role_arn=role,
)
transformer = Transformer(
    name, 1, machine, output_path=f"{data}/scores", assemble_with="Line", sagemaker_session=session
)
transformer.transform(
    f"{data}/validation/", content_type="text/csv", split_type="Line", input_filter="$[1:]", wait=True, logs=False
)
scored = S3Downloader.read_file(f"{data}/scores/data.csv.out", session).split()
print("scored", len(scored))

EndpointConfig.create(
    endpoint_config_name=name,
    production_variants=[
        ProductionVariant(variant_name="AllTraffic", model_name=name, instance_type=machine, initial_instance_count=1)
    ],
)
endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
endpoint.wait_for_status("InService")
rows = S3Downloader.read_file(f"{data}/validation/data.csv", session).split()
features = "\n".join(row.partition(",")[2] for row in rows[:5])
answered = endpoint.invoke(body=features, content_type="text/csv").body.read().decode().replace(",", "\n").split()
print("invoked", answered == scored[:5])

endpoint.delete()
EndpointConfig.get(name).delete()
model.delete()
session.sagemaker_client.delete_model_package(ModelPackageName=registered)  # the SDK's own knows no versions
ModelPackageGroup.get(name).delete()
left = [*Endpoint.get_all(name_contains=name), *Model.get_all(name_contains=name)]
print("left", len(left) + len([*ModelPackageGroup.get_all(name_contains=name)]))
